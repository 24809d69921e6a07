"""What the cluster runs for a job."""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service.datasets import Datasets
from service.jobs.attempt import Run
from service.jobs.records import JobRecord
from service.jobs.retries import out_of_memory
from service.planning import with_uri
from service.settings import Settings
from trainers.files import REPORT, SCRATCH
from trainers.spec import TrainingSpec
from trainers.steps import Emit


def launcher(settings: Settings, datasets: Datasets) -> Callable[[JobRecord, int], Run]:
    """Makes the run of a job's attempt; later attempts go on from the journal of earlier ones by themselves."""

    def launch(job: JobRecord, attempt: int) -> Run:
        spec = TrainingSpec.model_validate(job.spec)
        earlier = settings.jobs / job.rerun_of / REPORT
        run = {
            "spec": with_uri(spec, datasets.locate(spec.data.uri)),
            "job": job.id,
            "output": Path(job.output),
            "roots": settings.roots,
            "tracking_uri": settings.tracking_uri,
            "tenant": job.tenant,
            "namespace": namespace(job.tenant) if settings.knows_callers else "",
            "tensorboard": settings.tensorboard,
            "openings": settings.openings,
            "rerun_of": earlier if job.rerun_of and earlier.exists() else None,  # the earlier job may be deleted by now
            "jobs": settings.jobs,
            "share": 0.5 ** out_of_memory(job.attempts),
        }
        return Run(train, run)

    return launch


def namespace(tenant: str) -> str:
    """What a tenant's names begin with in MLflow, which knows no tenants; no two tenants' names can be the same."""
    return f"{quote(tenant, safe='')}+"


def train(run: Mapping[str, Any], emit: Emit) -> Mapping[str, str]:
    """Trains on the cluster; only there are the libraries of a run loaded."""
    from trainers import run as training

    with _scratch(run["output"] / SCRATCH):
        return training.train(training.TrainingRun(**run), emit)


@contextmanager
def _scratch(folder: Path) -> Iterator[None]:
    """Has this process keep its temporary files in a folder that the service finds, should the process be killed."""
    shutil.rmtree(folder, ignore_errors=True)  # of an attempt that was killed
    folder.mkdir(parents=True)
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
        shutil.rmtree(folder, ignore_errors=True)
