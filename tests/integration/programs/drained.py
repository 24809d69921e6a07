"""Two nodes of one CPU: one is to be taken away, as the cloud says in time, and is; the fit goes on from there on the other.

Prints how the result differs from that of an unbroken fit in one process, and what each group of workers began with.
"""

import json
import os
import sys
import threading
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import ray
from ray.cluster_utils import Cluster
from ray.core.generated.autoscaler_pb2 import DrainNodeReason

from cluster.resources import Placement
from trainers.data.table import Task
from trainers.families.family import Recipe, Rows, Workers
from trainers.families.neural import train
from trainers.families.neural.family import NEURAL

FOLDER = Path(sys.argv[1])
EPOCHS, DRAIN_AT, NOTICE_S = 30, 4, 12
os.environ["RAY_TRAIN_PREEMPTION_POLL_INTERVAL_S"] = "0.5"
cluster = Cluster(initialize_head=True, connect=True, head_node_args={"num_cpus": 1})
doomed = cluster.add_node(num_cpus=1)
work = train._work


def slow_work(given: dict[str, Any]) -> Any:
    """As each worker does, at two epochs a second, and with a line for where the group began and how wide it was."""
    from trainers.families.neural.loop import Training

    step = Training._step

    def slow_step(self: Training, parts: Any) -> Any:
        if len(self.epochs) != getattr(self, "seen", -1):
            self.seen = len(self.epochs)
            ranks = ray.train.get_context().get_world_size()
            if ray.train.get_context().get_world_rank() == 0:
                with (FOLDER / "epochs").open("a") as lines:
                    lines.write(json.dumps([len(self.epochs), ranks]) + "\n")
            time.sleep(0.5)
        return step(self, parts)

    Training._step = slow_step
    return work(given)


def epochs() -> list[list[int]]:
    path = FOLDER / "epochs"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def take_away() -> None:
    """Drains the node as a cloud does with a spot instance, and ends it at its time."""
    while not epochs() or epochs()[-1][0] < DRAIN_AT:
        time.sleep(0.1)
    gone = time.time() + NOTICE_S
    client = ray._raylet.GcsClient(address=cluster.address)
    reason = DrainNodeReason.Value("DRAIN_NODE_REASON_PREEMPTION")
    accepted, why = client.drain_node(doomed.node_id, reason, "spot", int(gone * 1000))
    assert accepted, why
    time.sleep(NOTICE_S)
    doomed.kill_all_processes(check_alive=False, allow_graceful=False)
    cluster.worker_nodes.discard(doomed)


def network() -> Any:
    return NEURAL.model(Recipe(Task.BINARY, {**NEURAL.default, "epochs": EPOCHS, "dropout": 0.0}, (), 0, 1))


train._work, train.CHECKPOINT_S = slow_work, 1e9  # no checkpoint but the one of the notice
rng = np.random.default_rng(0)
X = rng.normal(size=(400, 5))
y = (X[:, 0] * X[:, 1] > 0).astype(int)
shared, alone = network(), network().fit(X, y)
threading.Thread(target=take_away, daemon=True).start()
# No failure may be counted.
workers = Workers(2, 1, {"CPU": 1.0}, Placement.PACK, 0, 1, FOLDER / "checkpoints", FOLDER / "curves")
NEURAL.fit_on_workers(shared, Rows(X, y, None), workers)
told = {
    "difference": float(np.abs(shared.predict_proba(X) - alone.predict_proba(X)).max()),
    "begins": [now for before, now in pairwise([[-1, 0], *epochs()]) if now != [before[0] + 1, before[1]]],
}
ray.shutdown()
for node in (*cluster.worker_nodes, cluster.head_node):
    node.kill_all_processes(check_alive=False, allow_graceful=False)
print(json.dumps(told))
