"""Final fits on several workers, and what a final fit may use."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cluster.resources import place, wait_for
from trainers.ensembles.ensemble import Leader
from trainers.families import registry
from trainers.families.family import Workers
from trainers.finalists import final_fit
from trainers.fits import Fit, FitAll, Outcome, fit
from trainers.plan import Prepared


@dataclass(frozen=True)
class Folders:
    """Where final fits leave what is seen of them from outside.

    Attributes:
        checkpoints: Checkpoints of fits on several workers, which all workers reach.
        curves: Loss curves, a folder a family.
    """

    checkpoints: Path
    curves: Path


def workers_of(family: str, ready: Prepared, folders: Folders) -> Workers | None:
    """What the final fit of a family may use; None where it fits in one process."""
    able, compute = registry.get(family), ready.spec.compute
    if able.fit_on_workers is None:
        return None
    return Workers(
        count=compute.workers,
        least=compute.min_workers or compute.workers,
        bundle=compute.worker if able.gpus else compute.fit,
        placement=compute.placement,
        max_failures=compute.max_failures,
        max_preemptions=compute.max_preemptions,
        checkpoints=folders.checkpoints,
        curves=folders.curves / family / "refit",
    )


def start_ahead(ready: Prepared, folders: Folders) -> None:
    """Has the processes of the first fit on several workers started, so that they are there when the search has ended."""
    asked = (workers_of(study.name, ready, folders) for study in ready.candidates)
    first = next((workers for workers in asked if workers is not None and not workers.alone), None)
    if first is not None:
        from trainers.families import distributed  # Ray Train takes seconds to import, and most jobs need none of it

        distributed.start_ahead(first.count)


def fit_on_workers(
    leaders: Sequence[Leader], ready: Prepared, folders: Folders, waits: Callable[[Sequence[str]], None]
) -> dict[str, Outcome]:
    """Fits the leaders that several workers, or a GPU, fit; one after the other, since each may use all there is.

    Asked for by the run itself and before other fits hold the cluster's CPUs: workers that wait inside others for CPUs wait
    for ever. Nodes are waited for here, as long as they take: Ray Train gives up on them within a minute.

    Args:
        leaders: What to fit.
        ready: What was settled before the first fit.
        folders: Where final fits leave what is seen of them.
        waits: Told what is waited for.

    Returns:
        Outcomes by family; empty when the job has one worker without a GPU.

    Raises:
        WorkersLostError: Workers could not be started, or were lost too often.
    """
    done: dict[str, Outcome] = {}
    for leader in leaders:
        workers = workers_of(leader.family, ready, folders)
        if workers is not None and not workers.alone:
            wait_for(place(workers.bundle), waits, workers.least, workers.placement)
            job = replace(final_fit(leader, ready), workers=workers)
            done[leader.family] = fit(job, ready.table, ready.spec.resample, workers.cpus)
    return done


def after_workers(fitted: Mapping[str, Outcome], fit_all: FitAll, ready: Prepared, folders: Folders) -> FitAll:
    """Does the final fits that are left, with what they may use, and answers for those that were done on workers.

    Args:
        fitted: Outcomes by family, of :func:`fit_on_workers`.
        fit_all: Does the others.
        ready: What was settled before the first fit.
        folders: Where final fits leave what is seen of them.
    """

    def answer(jobs: Sequence[Fit]) -> list[Outcome]:
        left = [job for job in jobs if job.family not in fitted]
        outcomes = iter(fit_all([replace(job, workers=workers_of(job.family, ready, folders)) for job in left]))
        return [fitted[job.family] if job.family in fitted else next(outcomes) for job in jobs]

    return answer
