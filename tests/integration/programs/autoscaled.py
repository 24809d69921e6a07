"""Ray's own autoscaler over the kinds of node of cluster/deploy/nodes.yaml, made of processes of this machine.

Four loads, each after the nodes of the one before are gone: a search, a search on a GPU, both at once, and a run that is
cancelled when it has all nodes. Prints how many nodes of each kind there were over time, and when each load began and ended.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import ray
import yaml
from ray.autoscaler._private.fake_multi_node.node_provider import (
    FAKE_HEAD_NODE_ID,
    FAKE_HEAD_NODE_TYPE,
    FakeMultiNodeProvider,
)

from cluster import nodes, runner
from cluster.resources import place
from tuning.objective import FoldResult, Study
from tuning.search import search
from tuning.space import Parameter
from tuning.spec import Algorithm, Place, SearchSpec

FOLDER = Path(sys.argv[1])
STATED = Path(nodes.__file__).parent / "deploy/nodes.yaml"
CPUS, MOST, IDLE_S = 8, 30, 5  # so many times fewer CPUs on a node, and nodes of a kind, than are stated
SETTLED_S = 6  # Ray's autoscaler counts a node for some seconds after Ray itself does not
OBJECTS = 100_000_000  # bytes of each node's object store
NONE: tuple[str, ...] = ("initialization", "setup", "head_setup", "worker_setup", "head_start_ray", "worker_start_ray")


class Slow:
    """Takes a second for a fold."""

    folds = 2

    def evaluate(self, study: str, params: Mapping[str, Any], fold: int) -> FoldResult:
        time.sleep(1.0)
        return FoldResult(params["x"], 1.0, np.full(4, params["x"]))

    def difference(self, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> tuple[float, float]:
        return float(np.mean(ours) - np.mean(theirs)), 1.0


def searched(name: str, trials: int = 48, at_once: int | None = None, **bundle: float) -> None:
    """Searches as a job does; as wide as the cluster can ever be, if nothing is said."""
    studies = [Study("line", {"x": Parameter.model_validate({"uniform": [0, 1]})}, {})]
    spec = SearchSpec(algorithm=Algorithm.RANDOM, max_trials=trials, racing=False, parallelism=at_once)
    here = place({"CPU": 1.0, **bundle})
    search(
        studies, Slow(), spec, seed=0, place=Place(here.bundle, here.labels), room=lambda: place(here.bundle).most,
        journal=FOLDER / name, report=lambda event: None,
    )  # fmt: skip


def ended(name: str, emit: runner.Emit) -> None:
    searched(name)


def endless(name: str, emit: runner.Emit) -> None:
    searched(name, 10_000)


def smaller() -> dict[str, dict[str, Any]]:
    """The stated kinds, made small enough for one machine. Ray's pretended nodes cannot be given memory."""
    stated = yaml.safe_load(STATED.read_text())
    return {
        name: {
            **kind,
            "max_workers": -(-kind["max_workers"] // MOST),
            "idle_timeout_s": IDLE_S,
            "resources": {
                **{each: amount for each, amount in kind["resources"].items() if each != "memory"},
                "CPU": kind["resources"]["CPU"] // CPUS,
            },
        }
        for name, kind in stated.items()
        if name != "head"
    }


def config(kinds: Mapping[str, Mapping[str, Any]], address: str) -> Path:
    """The autoscaler's config."""
    types = {
        name: {
            **kind,
            "node_config": {},
            "resources": {**kind["resources"], "object_store_memory": OBJECTS},
            "labels": {**kind["labels"], "kind": name},
        }
        for name, kind in kinds.items()
    }
    # Named by its class: the defaults that Ray reads for "fake_multinode" are not in its wheel.
    module = f"{FakeMultiNodeProvider.__module__}.{FakeMultiNodeProvider.__qualname__}"
    provider = {
        "type": "external",
        "module": module,
        "gcs_address": address,
        "launch_multiple": True,
        "disable_node_updaters": True,
    }
    path = FOLDER / "autoscaling.yaml"
    values = {
        "cluster_name": "pretended",
        "max_workers": sum(kind["max_workers"] for kind in kinds.values()),
        "provider": {**provider, "head_node_id": FAKE_HEAD_NODE_ID},
        "available_node_types": {
            FAKE_HEAD_NODE_TYPE: {"resources": {}, "node_config": {}, "max_workers": 0},
            **types,
        },
        "head_node_type": FAKE_HEAD_NODE_TYPE,
        "idle_timeout_minutes": IDLE_S / 60,
        "upscaling_speed": 2.0,
        "auth": {},
        "file_mounts": {},
        "cluster_synced_files": [],
        "file_mounts_sync_continuously": False,
        "rsync_exclude": [],
        "rsync_filter": [],
        **{f"{name}_commands": [] for name in NONE},
    }
    path.write_text(yaml.safe_dump(values))
    return path


@contextmanager
def head(kinds: Mapping[str, Mapping[str, Any]]) -> Iterator[None]:
    """A head that takes no work, with autoscaler v2; connected."""
    port, client_port = free_port(), free_port()
    address = f"{ray._private.services.get_node_ip_address()}:{port}"
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:  # a socket's path is short
        command = [
            sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats",
            f"--port={port}", "--num-cpus=0", "--num-gpus=0", f"--object-store-memory={OBJECTS}",
            f"--temp-dir={folder}", "--include-dashboard=false", "--metrics-export-port=0",
            "--dashboard-agent-listen-port=0", f"--ray-client-server-port={client_port}",
            f"--autoscaling-config={config(kinds, address)}",
        ]  # fmt: skip
        environment = {
            **os.environ,
            "RAY_FAKE_CLUSTER": "1",
            "RAY_enable_autoscaler_v2": "1",
            "RAY_CLOUD_INSTANCE_ID": FAKE_HEAD_NODE_ID,
            "RAY_OVERRIDE_NODE_ID_FOR_TESTING": FAKE_HEAD_NODE_ID,
            "AUTOSCALER_UPDATE_INTERVAL_S": "1",
        }
        log = FOLDER / "ray.log"
        with log.open("w") as output:
            process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
        try:
            while "Next steps" not in log.read_text():
                assert process.poll() is None, log.read_text()
                time.sleep(0.2)
            ray.init(address, namespace="trainwright", logging_level="ERROR", log_to_driver=False)
            yield
        finally:
            ray.shutdown()
            process.send_signal(signal.SIGTERM)
            process.wait(60)
            for each in psutil.process_iter(["cmdline"]):  # pretended nodes outlive their head for a while
                if any(folder in word for word in each.info["cmdline"] or ()):
                    each.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


class Counts:
    """Counts the nodes of each kind, four times a second, and writes down what is new."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.seen: list[tuple[float, dict[str, int]]] = [(0.0, {})]
        self.loads: dict[str, tuple[float, float]] = {}
        threading.Thread(target=self._look, daemon=True).start()

    def during(self, load: str, work: Callable[[], None]) -> None:
        """Does work, and then waits until every node is gone, and for the autoscaler to know."""
        began = self._now()
        work()
        self.loads[load] = (began, self._now())
        assert any(when > began for when, _ in self.seen), "no node was seen"
        while self.seen[-1][1] or self._now() - self.seen[-1][0] < SETTLED_S:
            time.sleep(0.2)

    def _look(self) -> None:
        while ray.is_initialized():
            there = [node["Labels"].get("kind", "") for node in ray.nodes() if node["Alive"]]
            found = dict(Counter(kind for kind in there if kind in KINDS))
            if found != self.seen[-1][1]:
                self.seen.append((self._now(), found))
            time.sleep(0.25)

    def _now(self) -> float:
        return round(time.monotonic() - self._began, 2)


def both() -> None:
    """A run, as a job is, and at the same time a search on a GPU."""
    started = runner.start("both", ended, "both-cpu", FOLDER / "both.jsonl")
    searched("both-gpu", 6, 1, GPU=1.0)
    while (outcome := started.outcome()) is None:
        time.sleep(0.2)
    assert outcome.error is None, outcome.error
    started.kill()


def cancelled(counts: Counts) -> None:
    """A run as a job is, killed as a cancel does once it has every node that it may have."""
    started = runner.start("cancelled", endless, "cancelled", FOLDER / "cancelled.jsonl")
    plain = sum(kind["max_workers"] for kind in KINDS.values() if "GPU" not in kind["resources"])
    while sum(counts.seen[-1][1].values()) < plain:
        time.sleep(0.2)
    started.kill()


KINDS = smaller()
with head(KINDS):
    (FOLDER / "nodes.yaml").write_text(yaml.safe_dump(KINDS))
    nodes.announce(nodes.read(FOLDER / "nodes.yaml"))
    counts = Counts()
    counts.during("search", lambda: searched("search"))
    counts.during("on a GPU", lambda: searched("gpu", 6, 1, GPU=1.0))
    counts.during("both at once", both)
    counts.during("cancelled", lambda: cancelled(counts))
    most = {name: kind["max_workers"] for name, kind in KINDS.items()}
    told = {"counts": counts.seen, "loads": counts.loads, "most": most, "idle_s": IDLE_S}
print(json.dumps(told))
