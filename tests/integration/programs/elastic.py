"""Two nodes of one CPU: a worker dies in the middle of an epoch, later a whole node; the fit goes on and ends.

Prints how the result differs from that of an unbroken fit in one process.
"""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray.cluster_utils import Cluster

from cluster.resources import Placement
from trainers.data.table import Task
from trainers.families.family import Recipe, Rows, Workers
from trainers.families.neural import train
from trainers.families.neural.family import NEURAL

FOLDER = Path(sys.argv[1])
EPOCHS = 8
cluster = Cluster(initialize_head=True, connect=True, head_node_args={"num_cpus": 1})
cluster.add_node(num_cpus=1)
HEAD = ray.get_runtime_context().get_node_id()
work = train._work


def deadly_work(given: dict[str, Any]) -> Any:
    """As each worker does, but the one away from the head kills itself in its fourth epoch and its node in its sixth."""
    from trainers.families.neural.loop import Training

    step = Training._step

    def deadly_step(self: Training, parts: Any) -> Any:
        for done, name, process in ((3, "worker", os.getpid), (5, "node", os.getppid)):
            away = ray.get_runtime_context().get_node_id() != HEAD
            if away and len(self.epochs) == done and not (FOLDER / name).exists():
                (FOLDER / name).write_text(str(self._place.ranks))
                os.kill(process(), signal.SIGKILL)
        return step(self, parts)

    Training._step = deadly_step
    done = work(given)
    (FOLDER / "last").write_text(str(ray.train.get_context().get_world_size()))
    return done


def network() -> Any:
    return NEURAL.model(Recipe(Task.BINARY, {**NEURAL.default, "epochs": EPOCHS, "dropout": 0.0}, (), 0, 1))


train._work, train.CHECKPOINT_S = deadly_work, 0.0
rng = np.random.default_rng(0)
X = rng.normal(size=(400, 5))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
shared, alone = network(), network().fit(X, y)
workers = Workers(2, 1, {"CPU": 1.0}, Placement.PACK, 3, 3, FOLDER / "checkpoints", FOLDER / "curves")
NEURAL.fit_on_workers(shared, Rows(X, y, None), workers)
told = {
    "difference": float(np.abs(shared.predict_proba(X) - alone.predict_proba(X)).max()),
    "epochs": shared.n_iter_,
    "workers": [int((FOLDER / name).read_text()) for name in ("worker", "node", "last")],
}
ray.shutdown()
for node in (*cluster.worker_nodes, cluster.head_node):  # shutdown() would give each half a minute to drain
    node.kill_all_processes(check_alive=False, allow_graceful=False)
print(json.dumps(told))
