"""The TypeScript client against the real service: submits, follows over a lost connection, reads the report."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tests.serving import Service
from trainwright import JobFailed, StateChange, TrainingClient

FOLDER = Path(__file__).parents[2] / "clients/typescript"
SPEC = ["--data", "parts.csv", "--target", "bad", "--exclude", "", "--trials", "2"]


@pytest.fixture(scope="module")
def built() -> None:
    """Compiles the client as it is now."""
    if shutil.which("npm") is None:
        pytest.skip("there is no node")
    if not (FOLDER / "node_modules").is_dir():
        pytest.skip("the client's packages are not installed; `make test` installs them")
    done = subprocess.run(["npm", "run", "build"], cwd=FOLDER, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def start(target: str, *options: str) -> subprocess.Popen[str]:
    program = ["node", FOLDER / "dist/examples/train.js", "--server", target, *SPEC, *options]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class Cable:
    """A way to the service that can be cut; a new connection gets through again."""

    def __init__(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        self._service = host, int(port)
        self._ends: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:  # closed
                return
            far = socket.create_connection(self._service)
            self.connections += 1
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                Thread(target=self._carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass

    def cut(self) -> None:
        while self._ends:
            end = self._ends.pop()
            end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        self.cut()
        self._listener.close()


@pytest.fixture
def cable(service: Service) -> Iterator[Cable]:
    laid = Cable(service.target)
    yield laid
    laid.close()


@pytest.mark.usefixtures("built")
def test_it_submits_watches_over_a_cut_connection_and_reads_the_report(cable: Cable) -> None:
    with start(cable.target) as program:
        lines = []
        for line in program.stdout or ():
            lines.append(line.rstrip())
            if line.endswith("== search\n"):
                cable.cut()
        assert program.wait() == 0, (program.stderr and program.stderr.read(), lines)
    assert cable.connections == 2
    assert re.fullmatch("job trainingJobs/[0-9a-f]{16}", lines[0])
    sequences = [int(line.split()[0]) for line in lines if line[0].isdigit()]
    assert sequences == sorted(set(sequences))
    assert sequences[0] == 1
    steps = [line.split()[2] for line in lines if "==" in line]
    assert steps == sorted(set(steps), key=steps.index)
    assert {"load", "search", "judge", "publish"} <= set(steps)
    told = [line for line in lines if " trial " in line]
    assert len(told) >= 2
    assert re.search("JOB_STATE_SUCCEEDED", "\n".join(lines))
    assert re.match(r"selected \w+, threshold 0\.\d+", lines[-2])
    assert '"average_precision":0.' in lines[-1]


@pytest.mark.usefixtures("built")
def test_what_is_wrong_with_a_request_is_told_by_field(service: Service) -> None:
    with start(service.target, "--target", "worse") as program:
        _, told = program.communicate()
    assert program.returncode == 1
    assert re.search(r"^  data\.target: .*'worse'", told, re.MULTILINE)


@pytest.mark.usefixtures("built")
def test_what_a_run_finds_wrong_with_its_spec_is_told_by_field_by_every_client(service: Service) -> None:
    with start(service.target, "--least-recall", "1", "--least-precision", "1") as program:
        told, wrong = program.communicate()
    assert program.returncode == 1
    assert re.search(r"JOB_STATE_FAILED: .*\n  threshold\.min_\w+: ", wrong), wrong
    with TrainingClient(service.target) as client:
        job = client.job(told.splitlines()[0].removeprefix("job "))
        error = job.describe().error
        ends = [event.what.error for event in job.events() if isinstance(event.what, StateChange) and event.what.error]
        with pytest.raises(JobFailed, match=r"\n  threshold\.min_"):
            job.report()
    assert error is not None
    assert (error.code, error.kind, ends) == ("invalid_argument", "user", [error])
    assert error.violations
    assert all(violation.field.startswith("threshold.min_") for violation in error.violations)


@pytest.mark.usefixtures("built")
def test_a_token_does_not_leave_this_machine_in_the_clear() -> None:
    with start("192.0.2.1:50151", "--token", "secret") as program:
        _, told = program.communicate()
    assert program.returncode == 1
    assert "in the clear" in told
