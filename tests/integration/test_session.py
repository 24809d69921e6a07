"""A local Ray outlives the program that started it, is found again, and is ended by whoever asks."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from cluster import head, session

CONNECT = """
import os, sys
from pathlib import Path
import ray
from cluster import session

connected = session.connect(None, Path(sys.argv[1]), num_cpus=1)
print(connected.address, connected.started_here, ray.cluster_resources()["CPU"], os.environ["RAY_AUTH_MODE"], flush=True)
if sys.argv[2] == "die":
    os.kill(os.getpid(), 9)
getattr(connected, sys.argv[2])()
"""


LEAVE = """
import sys
from pathlib import Path
import ray
from cluster import session

@ray.remote(num_cpus=0)
class Left:
    pass

connected = session.connect(None, Path(sys.argv[1]), num_cpus=1)
ray.get(Left.options(name="left", lifetime="detached").remote().__ray_ready__.remote())
connected.close()
"""


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    if (tmp_path / "ray.json").exists():
        head.Head(**json.loads((tmp_path / "ray.json").read_text())).stop()


def connect(state: Path, end: str) -> tuple[int, list[str]]:
    """Connects in a program of its own, which then ends as told; returns its exit status and what it saw."""
    done = subprocess.run([sys.executable, "-c", CONNECT, state, end], capture_output=True, text=True, cwd=state)
    return done.returncode, done.stdout.split()


def test_a_local_ray_outlives_its_program_and_is_found_again(state):
    status, (address, started, cpus, mode) = connect(state, "die")
    assert (status, started, cpus, mode) == (-signal.SIGKILL, "True", "1.0", "token")
    assert connect(state, "close") == (0, [address, "False", "1.0", "token"])
    local = head.Head(**json.loads((state / "ray.json").read_text()))
    assert local.is_alive()
    assert connect(state, "stop") == (0, [address, "False", "1.0", "token"])
    assert not local.is_alive()
    with pytest.raises(ProcessLookupError):
        os.kill(local.pid, 0)
    assert not Path(local.folder).exists()


def test_a_local_ray_that_is_stopped_leaves_no_process_of_an_actor_that_nobody_ended(state):
    """Ray Train leaves such an actor, and Ray waits for it."""
    connect(state, "close")
    local = head.Head(**json.loads((state / "ray.json").read_text()))
    leave = [sys.executable, "-c", LEAVE, state]
    assert subprocess.run(leave, capture_output=True, cwd=state).returncode == 0
    ran = [process for process in psutil.process_iter() if os.getsid(process.pid) == local.pid]
    assert "ray::Left" in [process.name() for process in ran]
    local.stop()
    left = [
        process.name() for process in psutil.wait_procs(ran, timeout=2)[1] if process.status() != psutil.STATUS_ZOMBIE
    ]
    assert left == []


def test_a_local_ray_listens_on_loopback_alone(state):
    """Its token is not the only thing between it and the network."""
    _, (address, *_) = connect(state, "close")
    assert address.startswith("127.0.0.1:")
    local = head.Head(**json.loads((state / "ray.json").read_text()))
    heard = {
        each.laddr.ip
        for process in psutil.process_iter()
        if os.getpgid(process.pid) == local.pid
        for each in process.net_connections("inet")
        if each.status == psutil.CONN_LISTEN
    }
    assert heard == {"127.0.0.1", "::ffff:127.0.0.1"}


def test_an_address_where_nothing_answers_is_refused_at_once(ray_address):
    del ray_address  # already connected elsewhere: only the check is of interest
    with pytest.raises(ConnectionError, match=r"no Ray answers at 127\.0\.0\.1:1; start it"):
        session.connect("127.0.0.1:1")
    for wrong in ("nonsense", "host.invalid:6379", "127.0.0.1:port"):
        with pytest.raises(ConnectionError, match=wrong):
            session.connect(wrong)
