import subprocess
import sys

import pytest

import trainwright

# Removing or renaming one of these breaks callers.
PUBLIC = {
    "clients": "AsyncTrainingClient TLS TrainingClient",
    "handles": "AsyncJob Job",
    "values": "Attempt Column Dataset Finding JobError JobEvent JobInfo JobState LogLine PhaseChange PhaseRecord Plan "
    "Progress StateChange Trial Violation",
    "errors": "Aborted AlreadyExists CallCancelled DeadlineExceeded FailedPrecondition InternalError InvalidSpec "
    "JobCancelled JobEnded JobFailed JobNotFinished MissingPackage NotFound PermissionDenied ResourceExhausted "
    "ServiceError TrainwrightError Unauthenticated Unavailable Unimplemented WaitTimeout",
}
CLIENT = "admin adopt close compare datasets get job list plan submit wait_ready"
ADMIN = "diagnose drain queue tenants"
DATASETS = "delete get list upload"
JOB = "cancel delete describe differences events id logs model_uri name report rerun trials wait watch"


def public(thing):
    return " ".join(name for name in dir(thing) if not name.startswith("_"))


def test_public_names_are_frozen():
    assert sorted(trainwright.__all__) == sorted(" ".join(PUBLIC.values()).split())
    assert all(getattr(trainwright, name).__doc__ for name in trainwright.__all__)


def test_public_names_of_the_handles_are_frozen():
    with trainwright.TrainingClient() as client:
        assert public(client) == CLIENT
        assert public(client.datasets) == DATASETS
        assert public(client.admin) == ADMIN
        assert public(client.job("a")) == JOB


@pytest.mark.parametrize("module", ["trainwright", "trainwright.cli"])
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, {module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "trainwright.client" in loaded
    heavy = {"ray", "torch", "mlflow", "pandas", "numpy", "pyarrow", "sklearn"}
    assert heavy.isdisjoint(loaded)


def test_the_library_itself_needs_no_extra():
    code = "import sys, trainwright; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert {"typer", "rich", "yaml"}.isdisjoint(loaded)


def test_a_handle_is_its_name():
    with trainwright.TrainingClient() as client:
        job = client.job("abc")
        assert job == client.job("trainingJobs/abc")
        assert job != client.job("abd")
        assert (job.id, job.name, repr(job)) == ("abc", "trainingJobs/abc", "Job('abc')")
        assert len({job, client.job("abc")}) == 1
