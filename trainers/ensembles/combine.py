"""Makes the ensembles a spec asks for out of the best configuration of each family.

Each kind is a file of its own; here they are only called. What is shared comes first: predictions by models that left out
several folds serve every kind that needs them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

from trainers.ensembles import snapshot, stacking, weighted
from trainers.ensembles.bagging import bagging
from trainers.ensembles.boosting import boosting
from trainers.ensembles.crossfit import Crossed, Key, crossfit
from trainers.ensembles.ensemble import Ensemble, EnsembleError, Material
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.findings import Finding, Severity
from trainers.fits import FitAll

CROSSED = {
    EnsembleKind.STACKING: stacking.wanted,
    EnsembleKind.WEIGHTED: weighted.wanted,
    EnsembleKind.SNAPSHOT: snapshot.wanted,
}


@dataclass(frozen=True)
class Combined:
    """Ensembles that compete, and what became of those that do not."""

    ensembles: tuple[Ensemble, ...]
    findings: tuple[Finding, ...]


def combine(specs: Sequence[EnsembleSpec], given: Material, fit_all: FitAll) -> Combined:
    """Makes every ensemble; one that cannot be made does not end the run.

    Args:
        specs: Which.
        given: What they are made from.
        fit_all: Does fits in parallel, results in order.
    """
    filled = [spec.filled(given.task) for spec in specs]
    wanted: dict[str, set[Key]] = {}
    for spec in filled:
        if spec.kind in CROSSED:
            for family, keys in CROSSED[spec.kind](spec, given).items():
                wanted.setdefault(family, set()).update(keys)
    crossed = crossfit(wanted, given, fit_all)
    made, findings = [], []
    for spec in filled:
        try:
            made.append(_make(spec, given, crossed, fit_all))
        except EnsembleError as error:
            findings.append(_failed(spec.kind, error))
    return Combined(tuple(made), tuple(findings))


def planned_fits(specs: Sequence[EnsembleSpec], families: int, folds: int) -> int:
    """Fits that ensembles take at most, the families' final ones not among them.

    Args:
        specs: Which, defaults filled in.
        families: Families that are searched.
        folds: Folds.
    """

    def left_out(least: int, most: int) -> int:
        return sum(comb(folds, number) for number in range(least, most + 1))

    def own(spec: EnsembleSpec) -> int:
        match spec.kind:
            case EnsembleKind.BAGGING | EnsembleKind.BOOSTING:
                return (spec.members or 0) * (folds + 1)
            case EnsembleKind.STACKING:
                layers = spec.layers or 1
                return families * sum(left_out(0, size) for size in range(2, layers + 1)) + folds + 1
            case EnsembleKind.SNAPSHOT:
                return folds
            case EnsembleKind.WEIGHTED:
                return 0

    depth = max((1 + (spec.layers or 1) for spec in specs if spec.kind in CROSSED), default=1)
    return families * left_out(2, depth) + sum(own(spec) for spec in specs)


def _make(spec: EnsembleSpec, given: Material, crossed: Crossed, fit_all: FitAll) -> Ensemble:
    match spec.kind:
        case EnsembleKind.BAGGING:
            return bagging(spec, given, fit_all)
        case EnsembleKind.BOOSTING:
            return boosting(spec, given, fit_all)
        case EnsembleKind.STACKING:
            return stacking.stacking(spec, given, crossed, fit_all)
        case EnsembleKind.WEIGHTED:
            return weighted.weighted(spec, given, crossed)
        case EnsembleKind.SNAPSHOT:
            return snapshot.snapshot(spec, given, crossed, fit_all)


def _failed(kind: EnsembleKind, error: EnsembleError) -> Finding:
    return Finding(
        code="ENSEMBLE_FAILED",
        severity=Severity.WARNING,
        message=f"No {kind} ensemble came of it. {error}",
        action="Name another family, or bring more rows of the rare classes.",
        evidence={"kind": kind.value},
    )
