"""The search of baselines and candidates over the folds of a split."""

from collections.abc import Callable
from pathlib import Path

from cluster.resources import place
from trainers.errors import NoModelError
from trainers.objective import FoldObjective
from trainers.plan import Prepared
from tuning.result import SearchError, SearchEvent, SearchResult
from tuning.search import search
from tuning.spec import Place


def search_families(
    ready: Prepared, journal: Path, report: Callable[[SearchEvent], None], share: float = 1.0
) -> SearchResult:
    """Searches baselines and candidates, raced over the folds.

    Args:
        ready: What was settled before the first fit.
        journal: Folder for the finished folds.
        report: Called whenever a trial got further.
        share: Share of the trials that could run at once that do.

    Raises:
        NoModelError: No configuration could be scored.
    """
    table, split, spec = ready.table, ready.split, ready.spec
    seed, threads, there = spec.split.seed, spec.compute.trial_cpus, place(spec.compute.trial)
    try:
        return search(
            (*ready.baselines, *ready.candidates),
            FoldObjective(table, split, ready.metric, spec.resample, seed, threads),
            spec.search,
            seed=seed,
            place=Place(there.bundle, there.labels),
            room=lambda: place(spec.compute.trial).most,
            journal=journal,
            report=report,
            share=share,
            identity=f"{table.fingerprint} {split.digest} {ready.metric.name} {spec.resample.method}",
        )
    except SearchError as error:
        raise NoModelError(str(error)) from error
