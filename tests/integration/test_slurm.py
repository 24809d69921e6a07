"""The batch script on a real Slurm: a controller and two nodes on this machine, each a Ray node of one cluster."""

import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "cluster" / "deploy" / "slurm" / "train.sbatch"
DAEMONS = ("munged", "slurmctld", "slurmd", "sbatch")
NODES = ("one", "two")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not all(map(shutil.which, DAEMONS)) or os.getuid() != 0,
        reason="needs Slurm and munge (Debian: slurm-wlm munge) and root, which `make slow` installs them as",
    ),
]

CONFIG = """\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
SlurmctldPort={controller}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
JobRequeue=1
MpiDefault=none
ReturnToService=2
{nodes}
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Starts Slurm; gives the environment in which its commands find it."""
    folder = tmp_path_factory.mktemp("slurm")
    host = socket.gethostname()
    lines = [f"NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={free_port()} CPUs=2" for name in NODES]
    settings = {"folder": folder, "host": host, "controller": free_port(), "nodes": "\n".join(lines)}
    (folder / "slurm.conf").write_text(CONFIG.format(**settings))
    (folder / "munge.key").write_bytes(os.urandom(128))
    (folder / "munge.key").chmod(0o600)
    (folder / "state").mkdir()
    own = ("key-file", "socket", "pid-file", "log-file", "seed-file")
    munge = ["munged", "--foreground", "--force", *(f"--{name}={folder}/munge.{name.split('-')[0]}" for name in own)]
    environment = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    commands = [munge, ["slurmctld", "-D"], *(["slurmd", "-D", "-N", name] for name in NODES)]
    running = []
    try:
        for command in commands:
            with (folder / f"{command[0]}.out").open("a") as output:
                running.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output))
            if command is munge:
                until(lambda: (folder / "munge.socket").exists(), running)
        until(lambda: ask(environment, "sinfo", "--noheader", "--format=%t %D") == "idle 2", running)
        yield environment
    finally:
        ask(environment, "scancel", "--user=root")
        if all(process.poll() is None for process in running):
            until(lambda: not ask(environment, "squeue", "--noheader"), running)
        for process in reversed(running):
            process.terminate()
            process.wait(30)


def until(holds, running: list[subprocess.Popen]) -> None:
    """Waits for Slurm's daemons, as long as they live; the test's time-out ends it otherwise."""
    while not holds():
        assert all(process.poll() is None for process in running), [
            process.args for process in running if process.poll()
        ]
        try:
            running[-1].wait(0.2)
        except subprocess.TimeoutExpired:
            continue


def ask(environment: dict[str, str], *command: str) -> str:
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30).stdout.strip()


def submit(environment: dict[str, str], folder: Path, spec: Path) -> tuple[int, str]:
    """Submits a spec and waits for its end; gives the exit code and the log."""
    log = folder / "job.log"
    # The port of the head comes from the job's number, which other clusters of this machine do not know.
    options = ["--wait", "--nodes=2", "--time=10", f"--output={log}", f"--chdir={ROOT}"]
    done = subprocess.run(
        ["sbatch", *options, str(SCRIPT), str(spec), str(folder / "out")], cwd=ROOT, env=environment, timeout=280
    )
    return done.returncode, log.read_text()


def written(folder: Path, **changes: object) -> Path:
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
    (folder / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    spec = {
        "decision": "Set bad parts aside.",
        "data": {"uri": str(folder / "parts.csv"), "target": "bad"},
        "split": {"folds": 3},
        "candidates": [{"family": "decision_tree"}],
        "search": {"max_trials": 4},
        "ensembles": [],
        "diagnosis": {"learning_points": 0, "seeds": 0},
        **changes,
    }
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec))
    return folder / "spec.yaml"


def test_a_spec_is_trained_on_the_nodes_that_slurm_gives(slurm, tmp_path):
    code, log = submit(slurm, tmp_path, written(tmp_path))
    assert code == 0, log
    assert "Ray has 2 nodes" in log
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["selected"]["family"]
    assert ask(slurm, "sinfo", "--noheader", "--format=%t %D") in ("idle 2", "comp 2")


def test_a_spec_that_asks_too_much_fails_with_the_runs_own_exit_code(slurm, tmp_path):
    code, log = submit(slurm, tmp_path, written(tmp_path, compute={"trial_cpus": 3}))
    assert code == 2, log
    assert "compute.trial_cpus: is 3, but no node can have more than 2 CPUs" in log
