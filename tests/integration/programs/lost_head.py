"""The head's GCS is killed under a service's job and started again over the same Redis; the job goes on and ends.

Prints how the job ended, with its folds in the order of their fits, and how many there were when the head came back.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from ray.cluster_utils import Cluster

from tests.serving import SMALL_SPEC, start_service, stop_service
from trainwright.v1 import training_service_pb2 as pb

FOLDER = Path(sys.argv[1])
SPEC = {**SMALL_SPEC, "search": {"max_trials": 12, "algorithm": "random", "racing": False}}
KILL_AFTER = 6  # events of trials


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def kill_and_start(cluster: Cluster) -> None:
    head = cluster.head_node
    ((server,),) = [infos for kind, infos in head.all_processes.items() if kind == "gcs_server"]
    os.kill(server.process.pid, signal.SIGKILL)
    head.kill_gcs_server(check_alive=False)
    head.start_gcs_server()


rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
(FOLDER / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
port = free_port()
os.environ["RAY_REDIS_ADDRESS"] = f"127.0.0.1:{port}"
with ExitStack() as ends:
    redis = subprocess.Popen(["redis-server", "--port", str(port), "--save", "", "--dir", FOLDER], stdout=sys.stderr)
    ends.callback(redis.kill)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "gcs_server_port": free_port()})
    ends.callback(cluster.head_node.kill_all_processes, check_alive=False, allow_graceful=False)
    service = start_service(FOLDER, ray_address=cluster.address, warm_workers=0)
    ends.callback(stop_service, service)
    name = service.create(SPEC).job.name
    journal = service.state / "jobs" / name.removeprefix("trainingJobs/") / "journal/folds.jsonl"
    trials, back = 0, 0
    for message in service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=name)):
        trials += message.event.HasField("trial")
        if trials == KILL_AFTER and not back:
            kill_and_start(cluster)
            back = len(journal.read_text().splitlines()) - 1
    job = service.training.GetTrainingJob(pb.GetTrainingJobRequest(name=name)).job
    lines = [json.loads(line) for line in journal.read_text().splitlines()[1:]]
    told = {
        "state": pb.JobState.Name(job.state),
        "error": job.error.message,
        "attempts": len(job.attempts),
        "folds": [[line["trial"], line["fold"]] for line in lines],
        "when_back": back,
        "fits": job.report.search.fits,
    }
print(json.dumps(told))
