"""What of a run without the service becomes a job, and what is refused. The report is a real one."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from cluster.events import EventLog, Outcome, RunError
from service.adopting import Adopter
from service.jobs.records import JobRecord, LogQuery, NewJob
from service.jobs.states import State
from service.jobs.store import Store
from service.settings import Settings
from trainers.errors import SpecError

REPORT = Path(__file__).parents[1] / "trainers/report/binary.json"
OPENING = '{"by": "run", "time": "t"}\n'


@pytest.fixture
def service(tmp_path: Path) -> Iterator[SimpleNamespace]:
    settings = Settings(state=tmp_path / "state", data_roots=(str(tmp_path / "roots"),))
    settings.jobs.mkdir(parents=True)
    store = Store(settings.database_url)

    def adopt(folder: Path | str, tenant: str = "default", **fields: str) -> JobRecord:
        return Adopter(store, settings).adopt(str(folder), NewJob(spec={}, tenant=tenant, **fields))

    yield SimpleNamespace(adopt=adopt, store=store, settings=settings)
    store.close()


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder as `python -m trainers --out` leaves it."""
    folder = tmp_path / "roots/run"
    (folder / "model").mkdir(parents=True)
    (folder / "openings").mkdir()
    report = json.loads(REPORT.read_text())
    spec = {"decision": "d", "data": {"uri": "t.csv", "target": "y"}}
    (folder / "report.json").write_text(json.dumps({**report, "manifest": {**report["manifest"], "spec": spec}}))
    (folder / "model/MLmodel").write_text("m")
    (folder / "model/secret").symlink_to("/etc/passwd")
    (folder / "openings/digest.jsonl").write_text(OPENING)
    (folder / "run.lock").touch()
    record(folder, Outcome(result={"report": "report.json"}))
    return folder


def record(folder: Path, end: Outcome) -> None:
    (folder / "events-1.jsonl").unlink(missing_ok=True)
    log = EventLog(folder / "events-1.jsonl")
    for event in (
        {"phase": {"phase": "load"}},
        {"log": {"level": "info", "text": "hello", "logger": "x"}},
        {"trial": {"number": 0, "family": "ridge", "state": "completed", "fold_scores": [1.0]}},
    ):
        log.append(event)
    log.end(end)


def test_a_run_becomes_a_job_with_a_copy_of_its_files(service, run) -> None:
    job = service.adopt(run)
    assert (job.state, job.report["decision"]) == (State.SUCCEEDED, service.store.get(job.id).report["decision"])
    assert job.spec == job.report["manifest"]["spec"]
    assert [trial["family"] for trial in service.store.trials(job.id)[0]] == ["ridge"]
    assert [line.text for line in service.store.logs(job.id, LogQuery())] == ["hello"]
    copied = {str(path.relative_to(job.output)) for path in Path(job.output).rglob("*") if path.is_file()}
    assert copied == {"report.json", "events-1.jsonl", "model/MLmodel"}  # neither its lock nor what a link leads to
    assert [path.name for path in service.settings.jobs.iterdir()] == [job.id]


def test_the_same_run_is_the_same_job_of_its_tenant_and_its_openings_count_once(service, run) -> None:
    first = service.adopt(run)
    assert service.adopt(run, request_id="r").id == first.id
    assert service.adopt(run, tenant="paint").id != first.id
    assert (service.settings.openings / "digest.jsonl").read_text() == OPENING


def test_a_request_that_came_before_gets_its_job_when_the_folder_is_gone(service, run) -> None:
    first = service.adopt(run, request_id="r")
    shutil.rmtree(run)
    assert service.adopt(run, request_id="r").id == first.id


def test_what_lies_elsewhere_or_did_not_end_well_is_refused(service, run, tmp_path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (run.parent / "link").symlink_to(tmp_path / "elsewhere")
    for folder, why in (
        (tmp_path / "elsewhere", "outside what may be read"),
        (run.parent / "link", "outside what may be read"),
        (run.parent / ".." / "elsewhere", "outside what may be read"),
        (run.parent / "nowhere", "there is no folder"),
    ):
        with pytest.raises(SpecError, match=why):
            service.adopt(folder)
    record(run, Outcome(error=RunError("user", "NoModelError", "nothing beats the baseline")))
    with pytest.raises(SpecError, match="nothing beats the baseline"):
        service.adopt(run)
    record(run, Outcome(result={}))
    (run / "report.json").write_text("{}")
    with pytest.raises(SpecError, match="cannot be read"):
        service.adopt(run)


@pytest.mark.parametrize("name", ["x" * 4000, "a/" * 2000, "no\0name", "missing"])
def test_what_is_no_folder_is_refused(service, tmp_path, name) -> None:
    with pytest.raises(SpecError) as wrong:
        service.adopt(f"{tmp_path}/roots/{name}")
    assert [violation.field for violation in wrong.value.violations] == ["folder"]
