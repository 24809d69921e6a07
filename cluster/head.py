"""The head of a local Ray, kept in its own process so that it outlives the program that started it."""

import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from cluster.files import whole

LOOPBACK = "127.0.0.1"
_START_S = 180.0
_MORE_AT_ONCE = 2  # processes that may be starting, beyond one a CPU: Ray forgets what is asked for ahead beyond that
_STARTS = 3
_STOP_S = 5.0  # a raylet waits half a minute for detached actors, and Ray Train leaves one


@dataclass(frozen=True)
class Head:
    """A running head.

    Attributes:
        pid: Process of ``ray start --block``, which leads its own session and ends Ray when it ends.
        address: host:port of the cluster.
        folder: Ray's own files: logs, sockets, objects on disk.
    """

    pid: int
    address: str
    folder: str

    def is_alive(self) -> bool:
        """Whether the process lives and the cluster answers."""
        return _lives(self.pid) and answers(self.address)

    def stop(self) -> None:
        """Ends the head and all that runs on it, and removes its files."""
        if self.is_alive():
            os.kill(self.pid, signal.SIGTERM)
            deadline = time.monotonic() + _STOP_S
            while _lives(self.pid) and time.monotonic() < deadline:
                time.sleep(0.1)
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """Ends at once what is left of the head and its workers, even when the process that led them is gone."""
        left = _session(self.pid)
        # Another program may have got the id of a head that is long gone.
        if any(self.folder in command for command in left.values()):
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def find_or_start(state: Path, num_cpus: int | None, dashboard: bool, preload: str) -> tuple[Head, bool]:
    """Finds the head recorded in ``<state>/ray.json``, or starts one and records it.

    Args:
        state: Folder of the record and of the log of the start.
        num_cpus: CPUs of a new cluster; None: all of the machine.
        dashboard: Whether a new cluster has Ray's dashboard and its Jobs API.
        preload: Module that every worker of a new cluster imports before it has work; may be empty.

    Returns:
        The head, and whether it was started now.

    Raises:
        ConnectionError: Ray did not start; the message has the end of its log.
    """
    state.mkdir(parents=True, exist_ok=True)
    record = state / "ray.json"
    with _locked(state / "ray.lock"):
        found = Head(**json.loads(record.read_text())) if record.is_file() else None
        if found is not None and found.is_alive():
            return found, False
        if found is not None:
            found.kill()
        head = _start_patiently(state, num_cpus, dashboard, preload)
        with whole(record) as file:
            file.write_text(json.dumps(asdict(head)))
        return head, True


def answers(address: str) -> bool:
    """Whether something listens at host:port. Asked first, since ray.init waits minutes for a head that is gone."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=3):
            return True
    except (OSError, ValueError):
        return False


def listens(path: str) -> bool:
    """Whether a process of this machine listens at a Unix socket."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(3)
            probe.connect(path)
            return True
    except OSError:
        return False


def _start_patiently(state: Path, num_cpus: int | None, dashboard: bool, preload: str) -> Head:
    """Starts a head, again where a busy machine was slower than the half minute that Ray allows."""
    for _ in range(_STARTS - 1):
        with suppress(ConnectionError):
            return _start(state, num_cpus, dashboard, preload)
    return _start(state, num_cpus, dashboard, preload)


def _start(state: Path, num_cpus: int | None, dashboard: bool, preload: str) -> Head:
    folder = _ray_folder(state)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    # Port 0 where Ray may choose, so that several clusters live on one machine.
    command = [
        sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", "--disable-usage-stats",
        f"--temp-dir={folder}", "--include-log-monitor=false", f"--include-dashboard={dashboard}",
        f"--node-ip-address={LOOPBACK}", "--port=0", "--metrics-export-port=0",
        "--dashboard-agent-listen-port=0", "--dashboard-agent-grpc-port=0",
        f"--ray-client-server-port={_free_port()}", f"--dashboard-port={_free_port()}",
        *([f"--num-cpus={num_cpus}"] if num_cpus is not None else []),
    ]  # fmt: skip
    log = state / "ray.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            env={
                **_inherited(os.environ),
                "PYTHONPATH": _python_path(),
                "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),  # of Ray jobs
                "RAY_preload_python_modules": preload,
                "RAY_worker_maximum_startup_concurrency": str((num_cpus or os.cpu_count() or 1) + _MORE_AT_ONCE),
                "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # else Ray takes 127.0.0.1 for the machine's address
            },
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    address = folder / "ray_current_cluster"
    deadline = time.monotonic() + _START_S
    while not address.is_file() or not address.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            Head(process.pid, "", str(folder)).kill()
            tail = " | ".join(log.read_text(errors="replace").splitlines()[-3:])
            raise ConnectionError(f"the local Ray did not start; see {log}. It ends with: {tail}")
        time.sleep(0.05)
    return Head(process.pid, address.read_text(), str(folder))


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """What workers get of a program's environment: not the service's settings, since a database URL holds a password."""
    kept = ("TRAINWRIGHT_RUNS",)
    return {name: value for name, value in environment.items() if name in kept or not name.startswith("TRAINWRIGHT_")}


def _ray_folder(state: Path) -> Path:
    # Not in the state folder: Ray's sockets lie here, and a socket's path may have 107 characters at most.
    key = hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:8]
    return Path(tempfile.gettempdir()) / f"trainwright-ray-{os.getuid()}-{key}"


def _python_path() -> str:
    """Lets workers import this project whatever folder they are started in."""
    checkout = str(Path(__file__).resolve().parents[1])
    return os.pathsep.join(filter(None, [checkout, os.environ.get("PYTHONPATH")]))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


def _session(leader: int) -> dict[int, str]:
    """Commands of the processes of a session, by process id."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended meanwhile
            if os.getsid(int(process.name)) == leader:
                found[int(process.name)] = (process / "cmdline").read_bytes().decode(errors="replace")
    return found


def _lives(pid: int) -> bool:
    try:
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return False
    except ChildProcessError:
        pass  # started by another program
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
