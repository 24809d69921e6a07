"""Whether workers, GPUs and batches that are asked for can be had, and whether they help."""

from collections.abc import Iterator, Sequence

from cluster.resources import ComputeSpec, Room, cannot_give
from trainers.data.split import Split
from trainers.errors import SpecError, Violation
from trainers.families import registry
from trainers.families.registry import CandidateSpec
from trainers.findings import Finding, Severity
from tuning.objective import Study

BATCH_SIZE = "batch_size"


def contradictions(compute: ComputeSpec, candidates: Sequence[CandidateSpec]) -> Iterator[Violation]:
    """What is wrong with the resources whatever the cluster: nothing could use them, or they contradict each other."""
    families = [registry.FAMILIES[c.family] for c in candidates if c.family in registry.FAMILIES]
    if compute.workers > 1 and not any(family.fit_on_workers for family in families):
        able = ", ".join(name for name, family in registry.FAMILIES.items() if family.fit_on_workers)
        yield Violation(
            "compute.workers",
            f"is {compute.workers}, but no candidate fits on several workers; leave it at 1, or add one of {able}",
        )
    for field in ("gpus_per_worker", "trial_gpus"):
        asked = getattr(compute, field)
        if asked > 0 and not any(family.gpus for family in families):
            able = ", ".join(name for name, family in registry.FAMILIES.items() if family.gpus)
            yield Violation(
                f"compute.{field}", f"is {asked:g}, but no candidate uses a GPU; leave it at 0, or add one of {able}"
            )
        if asked > 1 and asked != int(asked):
            yield Violation(
                f"compute.{field}", f"is {asked:g}; a share of a GPU is below 1, and more than one are whole"
            )
    if compute.min_workers is not None and compute.min_workers > compute.workers:
        yield Violation(
            "compute.min_workers", f"is {compute.min_workers}, more than compute.workers, {compute.workers}; lower it"
        )
    if compute.accelerator_type is not None and not compute.gpus_per_worker:
        yield Violation("compute.accelerator_type", "names a kind of GPU, but gpus_per_worker is 0; set it to 1")


def refuse_what_cannot_be_had(compute: ComputeSpec, room: Room | None) -> None:
    """Refuses what the cluster can never give.

    Args:
        compute: What is asked for.
        room: What the cluster can give; None where there is none to ask.

    Raises:
        SpecError: With every violation.
    """
    found = (
        []
        if room is None
        else [Violation(f"compute.{field}", message) for field, message in cannot_give(compute, room)]
    )
    if found:
        raise SpecError(found)


def refuse_batches(candidates: Sequence[Study], split: Split) -> None:
    """Refuses batches that are larger than the training rows of a fold.

    Raises:
        SpecError: With every violation; paths begin with ``candidates``.
    """
    rows = min(len(fold.train) for fold in split.folds)
    found = []
    for i, study in enumerate(candidates):
        if (largest := _largest_batch(study)) > rows:
            where = f"candidates[{i}].{'params' if BATCH_SIZE in study.fixed else 'space'}[{BATCH_SIZE}]"
            found.append(
                Violation(where, f"goes up to {largest}, but a fold has {rows} training rows; make it {rows} or less")
            )
    if found:
        raise SpecError(found)


def workers_that_do_not_help(compute: ComputeSpec, room: Room | None) -> Iterator[Finding]:
    """Where more workers than one are asked for and will not make a final fit faster."""
    if room is None or compute.workers == 1:
        return
    cpus = room.most("CPU")
    if compute.workers * compute.trial_cpus > cpus:
        yield Finding(
            code="FEWER_WORKERS_THAN_ASKED",
            severity=Severity.INFO,
            message=f"{compute.workers} workers with {compute.trial_cpus} CPUs each are asked for, and the cluster can have "
            f"at most {cpus:g} CPUs: final fits run on fewer workers.",
            action="Lower compute.workers or compute.trial_cpus, or add nodes.",
            evidence={"workers": compute.workers, "trial_cpus": compute.trial_cpus, "cpus": cpus},
        )
    if room.nodes == 1 and not room.grows and not compute.gpus_per_worker:
        yield Finding(
            code="WORKERS_SHARE_A_MACHINE",
            severity=Severity.INFO,
            message=f"All {compute.workers} workers share one machine of {cpus:g} CPUs, where one process with as many "
            "threads is as fast, and starts sooner.",
            action=f"Leave compute.workers at 1 and set compute.trial_cpus to {int(cpus)}, unless it is a rehearsal.",
            evidence={"workers": compute.workers, "nodes": room.nodes, "cpus": cpus},
        )


def _largest_batch(study: Study) -> int:
    """The largest batch that a study can try; 0 where the family chooses."""
    if BATCH_SIZE in study.fixed:
        return int(study.fixed[BATCH_SIZE] or 0)
    space = study.space.get(BATCH_SIZE)
    if space is None:
        return 0
    bounds = space.integer or space.log_integer
    values = space.choice.values if space.choice else (bounds.high,) if bounds else ()
    return max((int(value) for value in values if isinstance(value, int)), default=0)
