"""A head without CPUs, a node of two CPUs and one with a GPU: where what a job asks for is put.

Prints what was found, as JSON.
"""

import json
import sys
import threading
from pathlib import Path

import ray
from ray.cluster_utils import Cluster

from cluster import runner
from cluster.nodes import announce, read
from cluster.resources import ComputeSpec, cannot_give, place, room, wait_for

FOLDER, NODES = Path(sys.argv[1]), Path(sys.argv[2])
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
plain = cluster.add_node(num_cpus=2)
gpu = cluster.add_node(
    num_cpus=4, num_gpus=1, resources={"accelerator_type:L4": 1}, labels={"ray.io/accelerator-type": "L4"}
)
ray.init(cluster.address, namespace="trainwright", log_to_driver=False)
told: dict[str, object] = {}


@ray.remote(num_cpus=1)
class Worker:
    def node(self) -> str:
        return str(ray.get_runtime_context().get_node_id())


def where(target: object, emit: object) -> str:
    return str(ray.get_runtime_context().get_node_id())


# Six workers would fit; two do where they may be.
here = place({"CPU": 1.0})
workers = [Worker.options(label_selector=dict(here.labels)).remote() for _ in range(3)]
asked = [worker.node.remote() for worker in workers]
done, waiting = ray.wait(asked, num_returns=3, timeout=8)
told["most"], told["started"] = here.most, len(done)
told["off_the_gpu"] = all(node == plain.node_id for node in ray.get(done))

# The third waits for a place, and says so until one is free.
pending: list[list[str]] = []
thread = threading.Thread(target=wait_for, args=(here, lambda missing: pending.append(list(missing))))
thread.start()
while not pending:
    thread.join(0.1)
for worker in workers:
    ray.kill(worker)
thread.join()
told["pending"] = pending

# Work with a GPU goes to it, and the process that leads a run to a node that takes work, the accelerator's apart.
on = place({"CPU": 1.0, "GPU": 1.0})
told["gpu"] = ray.get(Worker.options(num_gpus=1, label_selector=dict(on.labels)).remote().node.remote()) == gpu.node_id
run = runner.start("run", where, None, FOLDER / "events.jsonl")
while (outcome := run.outcome()) is None:
    run.events(0, 1, 0.5)
told["leads"] = outcome.result == plain.node_id

# Told of what it can become, the cluster takes what it may grow to hold, and nothing else.
told["before"] = [field for field, _ in cannot_give(ComputeSpec(trial_cpus=16), room())]
announce(read(NODES))
told["after"] = [field for field, _ in cannot_give(ComputeSpec(trial_cpus=16), room())]
told["never"] = [field for field, _ in cannot_give(ComputeSpec(trial_cpus=97), room())]
print(json.dumps(told))
run.kill()
ray.shutdown()
cluster.shutdown()
