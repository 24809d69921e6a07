"""What refits of one configuration tell: whether more rows would help, and how far the seed matters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from trainers.data.meaning import read_row_times
from trainers.evaluation.diagnosis import Scores
from trainers.evaluation.learning import doublings
from trainers.evaluation.metrics import paired_difference
from trainers.evaluation.slices import strata_of
from trainers.finalists import fold_scores, group_folds, y_folds
from trainers.findings import Finding, Severity
from trainers.fits import Fit, FitAll, Fitted
from trainers.plan import Prepared
from trainers.report.values import LearningCurve, LearningPoint, SeedStability
from tuning.result import SearchResult, TrialOutcome

FEWEST_ROWS = 20  # that a share of a fold's training rows must have
WORTH_IT = 0.01  # of the room between the dummy and a perfect model: what the next doubling must bring
UNSTABLE_SEEDS = 0.1  # of the gain over the dummy: standard deviation over seeds


@dataclass(frozen=True)
class Refitted:
    """The same configuration fitted again, its predictions fold by fold.

    Attributes:
        share: Share of each fold's training rows.
        seed: Seed of the fits.
        predictions: For each fold's validation rows.
    """

    share: float
    seed: int
    predictions: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Subject:
    """The configuration that is refitted, with what the search's own fits of it predicted."""

    outcome: TrialOutcome
    found: Refitted

    @property
    def family(self) -> str:
        """Its family."""
        return self.outcome.study.name


def subject_of(ready: Prepared, found: SearchResult, family: str) -> Subject | None:
    """The best configuration of a family; of the best family, where the name is that of an ensemble.

    None where only the dummy is left, which learns nothing from more rows.
    """
    studies = (*ready.candidates, *(study for study in ready.baselines if study.name != "dummy"))
    named = [study for study in studies if study.name == family]
    if not named and family == "dummy":
        return None
    scored = [best for study in (named or ready.candidates) if (best := found.best(study)) is not None]
    if not scored:
        return None
    best = max(scored, key=lambda outcome: outcome.mean or -np.inf)
    return Subject(best, Refitted(1.0, ready.spec.split.seed, tuple(found.predictions(best))))


def refit(ready: Prepared, subject: Subject, fit_all: FitAll) -> tuple[Refitted, ...]:
    """Fits the configuration on shares of the rows and with other seeds, on every fold.

    Each fit makes the boosting rounds that the search found for its fold. A set of fits of which one failed is left out.

    Args:
        ready: What was settled before the first fit.
        subject: What is refitted.
        fit_all: Does the fits.
    """
    wanted = list(_wanted(ready))
    fits = [_fit(ready, subject, share, seed, k) for share, seed in wanted for k in range(len(ready.split.folds))]
    outcomes = iter(fit_all(fits))
    made = []
    for share, seed in wanted:
        folds = [next(outcomes) for _ in ready.split.folds]
        done = [outcome.predictions for outcome in folds if isinstance(outcome, Fitted)]
        if len(done) == len(folds):
            made.append(Refitted(share, seed, tuple(done)))
    return tuple(made)


def learning_curve(ready: Prepared, subject: Subject, refitted: Sequence[Refitted]) -> LearningCurve | None:
    """Scores by number of training rows, and what twice as many would bring; None without two points."""
    seed, metric, truth = ready.spec.split.seed, ready.metric, y_folds(ready)
    by_share = {each.share: each for each in refitted if each.seed == seed}
    made = [subject.found]
    while half := by_share.get(made[0].share / 2):
        made.insert(0, half)
    if len(made) < 2:
        return None
    scores = [fold_scores(ready, each.predictions) for each in made]
    rows = float(np.mean([len(fold.train) for fold in ready.split.folds]))
    points = (
        LearningPoint(round(each.share * rows), float(np.mean(score)), float(np.std(score, ddof=1)))
        for each, score in zip(made, scores, strict=True)
    )
    gain, error = paired_difference(metric, truth, made[-1].predictions, made[-2].predictions, group_folds(ready))
    means = [float(np.mean(score)) for score in scores]
    best = 0.0 if metric.name.startswith("neg_") else 1.0
    following, low, high = doublings(means, error, best)
    return LearningCurve(subject.family, tuple(points), gain, error, following, low, high)


def seed_stability(ready: Prepared, subject: Subject, refitted: Sequence[Refitted]) -> SeedStability | None:
    """How far scores move with the seed; None without other seeds."""
    made = [subject.found, *(each for each in refitted if each.seed != ready.spec.split.seed)]
    if len(made) < 2:
        return None
    means = tuple(float(np.mean(fold_scores(ready, each.predictions))) for each in made)
    folds = float(np.std(fold_scores(ready, subject.found.predictions), ddof=1))
    return SeedStability(subject.family, means, float(np.std(means, ddof=1)), folds)


def _wanted(ready: Prepared) -> Iterator[tuple[float, int]]:
    """(share, seed) of each set of fits."""
    asked, seed = ready.spec.diagnosis, ready.spec.split.seed
    least = min(len(fold.train) for fold in ready.split.folds)
    for halvings in range(1, asked.learning_points + 1):
        if least * 0.5**halvings >= FEWEST_ROWS:
            yield 0.5**halvings, seed
    for further in range(1, asked.seeds + 1):
        yield 1.0, seed + further


def _fit(ready: Prepared, subject: Subject, share: float, seed: int, k: int) -> Fit:
    fold, details = ready.split.folds[k], subject.outcome.details
    order = _order(ready, fold.train)
    return Fit(
        subject.family,
        subject.outcome.params,
        np.sort(order[: round(share * len(order))]),
        seed,
        details[k].get("rounds") if details else None,
        fold.validation,
        keep_model=False,
        label=f"{subject.family} without fold {k + 1} on {share:.3g} of the rows, seed {seed}",
    )


def _order(ready: Prepared, rows: np.ndarray) -> np.ndarray:
    """The rows so that any first part is a fair smaller sample: latest first, whole groups, or classes in proportion."""
    table, split, spec = ready.table, ready.split, ready.spec.split
    if spec.time_on:
        return rows[np.argsort(-read_row_times(table, spec.time_on)[rows], kind="stable")]
    rng = np.random.default_rng(spec.seed)
    if split.groups is not None:
        places = rng.permutation(split.groups.max() + 1)[split.groups[rows]]
        return rows[np.argsort(places, kind="stable")]
    shuffled = rng.permutation(rows)
    each = pd.Series(strata_of(table.target[shuffled]))
    by_stratum = each.groupby(each)
    places = (by_stratum.cumcount() + 0.5) / by_stratum.transform("size")
    return shuffled[np.argsort(places.to_numpy(), kind="stable")]


def diagnose_refits(scores: Scores, curve: LearningCurve | None, seeds: SeedStability | None) -> tuple[Finding, ...]:
    """Tells when more rows would help, and when the seed decides much; nothing otherwise."""
    told = (_more_rows(scores, curve) if curve else None, _unstable_seeds(scores, seeds) if seeds else None)
    return tuple(finding for finding in told if finding is not None)


def _more_rows(scores: Scores, curve: LearningCurve) -> Finding | None:
    if curve.next_low <= 0 or curve.next_doubling < WORTH_IT * scores.room:
        return None
    return Finding(
        "MORE_ROWS_HELP",
        Severity.INFO,
        f"From half of the rows to all, {scores.metric} of {curve.family} rose by {curve.last_doubling:.3g} (standard error "
        f"{curve.last_doubling_se:.2g}). Twice as many rows would bring about {curve.next_doubling:.3g} more "
        f"({curve.next_low:.2g} to {curve.next_high:.2g}).",
        "Bring more rows, of the rare class above all.",
        evidence={
            "last_doubling": curve.last_doubling,
            "standard_error": curve.last_doubling_se,
            "next_doubling": curve.next_doubling,
            "low": curve.next_low,
            "high": curve.next_high,
        },
        alternative="Where rows are dear, search stronger regularisation, or a simpler family, which need fewer.",
    )


def _unstable_seeds(scores: Scores, seeds: SeedStability) -> Finding | None:
    gain = scores.mean - scores.dummy
    if seeds.std <= UNSTABLE_SEEDS * max(gain, 0.0) or seeds.std == 0:
        return None
    return Finding(
        "UNSTABLE_SEEDS",
        Severity.WARNING,
        f"Fitted again with other seeds, {scores.metric} of {seeds.family} moves by {seeds.std:.2g} (standard deviation over "
        f"{len(seeds.means)} seeds), more than a tenth of what it gains over the dummy ({gain:.2g}).",
        "Let ensembles compete: bagging averages such chance away.",
        evidence={"means": list(seeds.means), "std": seeds.std, "limit": UNSTABLE_SEEDS * gain},
        alternative="Search stronger regularisation, or more trees, so that less hangs on each draw.",
    )
