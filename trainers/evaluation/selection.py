"""Chooses among candidates under constraints, with a reason for each rejection."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from trainers.errors import NoModelError
from trainers.evaluation.cost import BATCH_ROWS, Cost
from trainers.evaluation.metrics import Metric, paired_difference
from trainers.families.family import Explainability
from trainers.report.values import CandidateResult

NEAREST = 3


class Preference(StrEnum):
    """Which of the candidates that are level with the best is chosen."""

    SIMPLEST = "simplest"
    BEST = "best"


class RequirementsSpec(BaseModel, frozen=True, extra="forbid"):
    """Limits a model must keep; the field comments are in proto/trainwright/v1/spec.proto."""

    max_latency_ms: float | None = Field(None, gt=0)
    max_model_mb: float | None = Field(None, gt=0)
    must_beat_baseline_by: float = Field(0.0, ge=0)
    max_latency_p99_ms: float | None = Field(None, gt=0)
    max_batch_latency_ms: float | None = Field(None, gt=0)
    max_memory_mb: float | None = Field(None, gt=0)
    max_refit_seconds: float | None = Field(None, gt=0)
    min_explainability: Explainability | None = None
    min_worst_slice: float | None = Field(None, allow_inf_nan=False)
    prefer: Preference = Preference.SIMPLEST


@dataclass(frozen=True)
class WorstSlice:
    """The declared part of the rows on which a candidate scores lowest, out of fold."""

    name: str
    score: float
    rows: int


@dataclass(frozen=True, eq=False)  # by identity, so that a candidate is a key
class Candidate:
    """What competes: a baseline, the best configuration of a family, or an ensemble.

    Attributes:
        family: Family or ensemble name.
        kind: "baseline", "family" or "ensemble".
        params: Its parameters.
        fold_scores: Score of each fold, greater is better.
        predictions: Out-of-fold predictions, fold by fold, in the order of each fold's validation rows.
        complexity: Rank among all families, the simplest lowest.
        trials: Configurations tried.
        fit_seconds: Sum of pure fit time.
        explainability: How far a reader can follow the model.
        refit_seconds: Time of the fits behind the model, those of the search left out.
        cost: What it takes to run; None where not measured.
        worst_slice: Where it scores lowest; None where no parts of the rows are declared, or none has enough rows.
    """

    family: str
    kind: str
    params: Mapping[str, Any]
    fold_scores: tuple[float, ...]
    predictions: tuple[np.ndarray, ...]
    complexity: int
    trials: int = 1
    fit_seconds: float = 0.0
    explainability: Explainability = Explainability.LOW
    refit_seconds: float = 0.0
    cost: Cost | None = None
    worst_slice: WorstSlice | None = None

    @property
    def mean(self) -> float:
        """Mean score over folds."""
        return float(np.mean(self.fold_scores))

    @property
    def std(self) -> float:
        """Standard deviation of the score over folds (n - 1)."""
        return float(np.std(self.fold_scores, ddof=1)) if len(self.fold_scores) > 1 else 0.0


@dataclass(frozen=True)
class Choice:
    """The chosen candidate.

    Attributes:
        candidate: The candidate.
        reason: Why this one, in a sentence.
        results: Every candidate, best score first, with its difference to the chosen one and why it was not chosen.
    """

    candidate: Candidate
    reason: str
    results: tuple[CandidateResult, ...]


def select(
    candidates: Sequence[Candidate],
    requirements: RequirementsSpec,
    metric: Metric,
    y_folds: Sequence[np.ndarray],
    groups: Sequence[np.ndarray] | None = None,
) -> Choice:
    """Chooses the simplest candidate that keeps every limit and is level with the best of those.

    Level means not worse by more than one standard error, which is the rule of Breiman, Friedman, Olshen and Stone
    ("Classification and Regression Trees", 1984, section 3.4.3) with the error of the paired difference on the same
    rows in place of that of a single score. Limits come first: what breaks one is out, whatever it scores. A baseline
    may be chosen like any other, unless a margin over the baseline is required; the dummy never is.

    Args:
        candidates: What competes, baselines included; with a latency or size limit, all measured.
        requirements: The limits.
        metric: What the scores are.
        y_folds: True values of each fold's validation rows.
        groups: Group codes of the same rows where rows belong together.

    Raises:
        NoModelError: No candidate keeps every limit; the message names the nearest.
    """
    ranked = sorted(candidates, key=lambda c: np.nan_to_num(c.mean, nan=-np.inf), reverse=True)
    broken = {c: tuple(_broken_limits(c, ranked, requirements)) for c in ranked}
    kept = [c for c in ranked if not broken[c]]
    if not kept:
        raise NoModelError(_nearest(ranked, broken))

    def gain(ours: Candidate, theirs: Candidate) -> Gain:
        if ours is theirs:
            return Gain(0.0, 0.0)
        return Gain(*paired_difference(metric, y_folds, ours.predictions, theirs.predictions, groups))

    best = kept[0]
    level = [c for c in kept if gain(c, best).not_worse]
    simplest = min(level, key=lambda c: (c.complexity, -c.mean, c.kind == "baseline"))
    chosen = simplest if requirements.prefer is Preference.SIMPLEST else best
    gains = {c: gain(c, chosen) for c in ranked}
    reasons = {c: " ".join(broken[c]) or _lost_to(chosen, c, gains[c], c in level) for c in ranked if c is not chosen}
    results = tuple(_result(c, gains[c], reasons.get(c, "")) for c in ranked)
    return Choice(chosen, _won(chosen, best, gain(chosen, best), level, metric), results)


@dataclass(frozen=True)
class Gain:
    """Difference in mean score, ours minus theirs, and its standard error."""

    difference: float
    error: float

    @property
    def not_worse(self) -> bool:
        """Whether ours is level with theirs to within one standard error, or better."""
        return self.difference + self.error >= 0

    def __str__(self) -> str:
        return f"{abs(self.difference):.2g} (standard error {self.error:.2g})"


def _broken_limits(candidate: Candidate, ranked: Sequence[Candidate], requirements: RequirementsSpec) -> Iterator[str]:
    """Every limit that a candidate breaks, as sentences."""
    if candidate.family == "dummy":
        yield "Predicts without looking at the row; it is here to be beaten."
        return
    if not np.isfinite(candidate.mean):
        yield "Has no score on some fold."
        return
    baseline = next((c for c in ranked if c.kind == "baseline"), None)
    margin = requirements.must_beat_baseline_by
    if candidate is baseline and margin > 0:
        yield f"Is the best baseline; to be chosen, a model must score more, and at least {margin:+.4g} is required."
    elif baseline is not None and candidate.mean - baseline.mean < margin:
        yield (
            f"Scores {candidate.mean:.4g}, {candidate.mean - baseline.mean:+.4g} against the best baseline "
            f"({baseline.family}, {baseline.mean:.4g}); at least {margin:+.4g} is required."
        )
    cost = candidate.cost
    for deed, measured, limit, unit in (
        ("predict one row", cost.latency_ms if cost else None, requirements.max_latency_ms, "ms"),
        (
            "predict the slowest of 100 rows",
            cost.latency_p99_ms if cost else None,
            requirements.max_latency_p99_ms,
            "ms",
        ),
        (
            f"predict {BATCH_ROWS:,} rows",
            cost.batch_latency_ms if cost else None,
            requirements.max_batch_latency_ms,
            "ms",
        ),
        ("run", cost.memory_mb if cost else None, requirements.max_memory_mb, "MB"),
        ("store", cost.model_mb if cost else None, requirements.max_model_mb, "MB"),
        ("fit again", candidate.refit_seconds, requirements.max_refit_seconds, "s"),
    ):
        yield from _over(deed, measured, limit, unit)
    yield from _weak(candidate.worst_slice, requirements.min_worst_slice)
    least = requirements.min_explainability
    if least is not None and candidate.explainability.rank < least.rank:
        yield f"Can be followed by a reader only to a {candidate.explainability} degree; {least} is required."


def _weak(worst: WorstSlice | None, least: float | None) -> Iterator[str]:
    if least is None:
        return
    if worst is None:
        yield f"No part of the rows is large enough to be scored, and at least {least:g} is required of each."
    elif worst.score < least:
        yield f"Scores {worst.score:.4g} where {worst.name} ({worst.rows:,} rows); at least {least:g} is required of each part."


def _over(deed: str, measured: float | None, limit: float | None, unit: str) -> Iterator[str]:
    if limit is None:
        return
    if measured is None:
        yield f"Was not measured, and at most {limit:g} {unit} to {deed} is allowed."
    elif measured > limit:
        yield f"Takes {measured:.3g} {unit} to {deed}; at most {limit:g} {unit} is allowed."


def _lost_to(chosen: Candidate, candidate: Candidate, gain: Gain, level: bool) -> str:
    if not level:
        return f"Scores {candidate.mean:.4g}, {gain} below {chosen.family}."
    side = "above" if gain.difference > 0 else "below"
    if candidate.complexity < chosen.complexity:
        told = f"Scores {candidate.mean:.4g}, {gain} {side} {chosen.family}"
        return f"{told}; it is simpler, but requirements.prefer asks for the best."
    if candidate.complexity > chosen.complexity:
        return f"Scores {candidate.mean:.4g}, {gain} {side} {chosen.family}, which is simpler and level with the best."
    return f"Scores {candidate.mean:.4g}, {gain} {side} {chosen.family}, which is as simple and scores more."


def _won(chosen: Candidate, best: Candidate, gain: Gain, level: Sequence[Candidate], metric: Metric) -> str:
    score = f"mean {metric.name} of {chosen.mean:.4g} over {len(chosen.fold_scores)} folds"
    if chosen is best and len(level) == 1:
        return f"Best {score}; no other candidate that keeps the limits comes within one standard error of it."
    simpler = sum(c.complexity < chosen.complexity for c in level)
    if chosen is best and simpler:
        return f"Best {score}; requirements.prefer asks for the best, though {simpler} simpler within one standard error of it."
    if chosen is best:
        return f"Best {score}, and no simpler candidate comes within one standard error of it."
    return (
        f"The simplest of {len(level)} candidates that are level with the best: {score}, {gain} below {best.family}, "
        "so not worse by more than one standard error."
    )


def _nearest(ranked: Sequence[Candidate], broken: Mapping[Candidate, Sequence[str]]) -> str:
    """Says what came nearest: fewest limits broken, then the best score."""
    models = sorted((c for c in ranked if c.family != "dummy"), key=lambda c: len(broken[c]))
    told = "; ".join(f"{c.family}: {' '.join(broken[c])}" for c in models[:NEAREST]) or "there was none but the dummy"
    return (
        f"No model is worth deploying: no candidate keeps every limit. Nearest: {told} "
        "Relax requirements, or give more candidates or trials."
    )


def _result(candidate: Candidate, gain: Gain, reason: str) -> CandidateResult:
    return CandidateResult(
        family=candidate.family,
        kind=candidate.kind,
        params=candidate.params,
        mean=candidate.mean,
        std=candidate.std,
        folds=candidate.fold_scores,
        trials=candidate.trials,
        fit_seconds=candidate.fit_seconds,
        **(asdict(candidate.cost) if candidate.cost else {}),
        refit_seconds=candidate.refit_seconds,
        explainability=candidate.explainability.value,
        worst_slice=candidate.worst_slice.name if candidate.worst_slice else "",
        worst_slice_score=candidate.worst_slice.score if candidate.worst_slice else None,
        selected=not reason,
        rejected_because=reason,
        difference=gain.difference,
        difference_se=gain.error,
    )
