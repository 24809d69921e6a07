"""Scores of the chosen model on parts of the rows, out of fold and on the test rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainers.evaluation.answers import Answers
from trainers.evaluation.metrics import reported_metrics
from trainers.evaluation.partitions import Part, divide, find_parts, parts_of
from trainers.evaluation.slices import beyond_chance, by_chance, score_of
from trainers.findings import Finding, Severity
from trainers.insight.rows import row_losses
from trainers.plan import Prepared
from trainers.report.summaries import count_classes
from trainers.report.values import SliceResult, Slices, SliceScores
from trainers.spec import slice_columns

MOST_ROWS = 20_000  # a side; more are drawn from
REPLICATES = 200  # of the bootstrap of a slice
MOST_NAMED = 3


@dataclass(frozen=True)
class Side:
    """Rows with predictions by models that were not fitted on them.

    Attributes:
        name: "out of fold" or "test".
        rows: n positions in the table.
        answers: Predictions and decisions for them.
    """

    name: str
    rows: np.ndarray
    answers: Answers

    def sample(self, seed: int) -> "Side":
        """At most MOST_ROWS of the rows."""
        if len(self.rows) <= MOST_ROWS:
            return self
        kept = np.sort(np.random.default_rng(seed).choice(len(self.rows), MOST_ROWS, replace=False))
        return replace(self, rows=self.rows[kept], answers=self.answers.take(kept))


def slices_of(ready: Prepared, out_of_fold: Side, test: Side) -> Slices:
    """Scores every declared part, and those that a tree finds where out-of-fold losses are high.

    A declared part is compared with chance on the out-of-fold rows, which are the most; one that was found there, on the test
    rows, which had no part in finding it.

    Args:
        ready: What was settled before the first fit.
        out_of_fold: Development rows with out-of-fold predictions.
        test: Test rows.
    """
    table, spec, seed = ready.table, ready.spec.slices, ready.spec.split.seed
    out_of_fold, test = out_of_fold.sample(seed), test.sample(seed)
    divisions = [divide(table, column, ready.split.development) for column in slice_columns(ready.spec)]
    losses = row_losses(table.target[out_of_fold.rows], out_of_fold.answers.predictions)
    least = spec.min_rows * max(1, -(-len(out_of_fold.rows) // max(1, len(test.rows))))
    parts = (*parts_of(divisions), *find_parts(table, out_of_fold.rows, losses, least))
    results = list(_results(ready, parts, out_of_fold, test))
    beyond = beyond_chance([result.p_value for result in results])
    results = [replace(result, beyond_chance=each) for result, each in zip(results, beyond, strict=True)]
    results.sort(key=lambda result: (not result.beyond_chance, result.score - result.expected))
    return Slices(ready.metric.name, len(results), tuple(results))


def diagnose_slices(slices: Slices) -> tuple[Finding, ...]:
    """Names the slices that are worse than chance explains; nothing where there are none."""
    return tuple(_weak(result, slices) for result in slices.results[:MOST_NAMED] if result.beyond_chance)


def _weak(result: SliceResult, slices: Slices) -> Finding:
    side = result.test if result.judged_on == "test" else result.out_of_fold
    rows = side.rows if side is not None else 0
    return Finding(
        "WEAK_SLICE",
        Severity.WARNING,
        f"Where {result.name}, {slices.metric} is {result.score:.4g} ({rows:,} {result.judged_on} rows); random rows of the same "
        f"classes would score {result.expected:.4g}. Of {slices.looked_at} parts looked at, chance alone would make none so "
        "low in nineteen jobs of twenty.",
        "Bring more rows like these, or columns that tell them apart.",
        result.columns,
        {
            "slice": result.name,
            "score": result.score,
            "expected": result.expected,
            "p_value": result.p_value,
            "looked_at": slices.looked_at,
        },
        alternative="Have a person decide these rows, or give them a model or a threshold of their own.",
    )


def _score(ready: Prepared, part: Part, side: Side) -> float | None:
    """The part's score on a side; None where its rows are too few, or all that there are."""
    inside = part.inside[side.rows]
    if inside.all():
        return None
    y = ready.table.target[side.rows][inside]
    return score_of(ready.metric, y, side.answers.to(ready.metric)[inside], ready.spec.slices.min_rows)


def _results(ready: Prepared, parts: Sequence[Part], out_of_fold: Side, test: Side) -> Iterator[SliceResult]:
    """Every part that has a score, not yet compared with the others."""
    groups, seed = ready.split.groups, ready.spec.split.seed
    for part in parts:
        side = test if part.found else out_of_fold
        score = _score(ready, part, side)
        if score is None:
            continue
        y, inside = ready.table.target[side.rows], part.inside[side.rows]
        of_rows = None if groups is None else groups[side.rows]
        chance = by_chance(ready.metric, y, side.answers.to(ready.metric), inside, of_rows, seed=seed)
        yield SliceResult(
            name=part.name,
            columns=part.columns,
            found=part.found,
            out_of_fold=_scores(ready, part, out_of_fold) or SliceScores(_rows(part, out_of_fold)),
            test=_scores(ready, part, test),
            judged_on=side.name,
            score=score,
            expected=chance.expected,
            p_value=chance.p_value,
            beyond_chance=False,
        )


def _scores(ready: Prepared, part: Part, side: Side) -> SliceScores | None:
    """Every metric with its interval; None where the rows are too few."""
    if _score(ready, part, side) is None:
        return None
    table, groups, seed = ready.table, ready.split.groups, ready.spec.split.seed
    inside = part.inside[side.rows]
    rows, answers = side.rows[inside], side.answers.take(inside)
    y, of_rows = table.target[rows], None if groups is None else groups[rows]
    each = ((m, score_of(m, y, answers.to(m), 0)) for m in reported_metrics(table.task, ready.metric))
    scored = [(metric, score) for metric, score in each if score is not None]
    intervals = answers.intervals([metric for metric, _ in scored], y, of_rows, seed, REPLICATES)
    named = {metric.name: score for metric, score in scored}
    return SliceScores(len(rows), count_classes(table, rows), named, intervals)


def _rows(part: Part, side: Side) -> int:
    return int(part.inside[side.rows].sum())
