"""Scores of the chosen model on parts of the rows, out of fold and on the test rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from trainers.evaluation.metrics import Metric, bootstrap, reported_metrics
from trainers.evaluation.partitions import Part, divide, find_parts, parts_of
from trainers.evaluation.slices import beyond_chance, by_chance, scorable
from trainers.findings import Finding, Severity
from trainers.insight.rows import row_losses
from trainers.plan import Prepared
from trainers.report.summaries import count_classes
from trainers.report.values import SliceResult, Slices, SliceScores

MOST_ROWS = 20_000  # a side; more are drawn from
REPLICATES = 200  # of the bootstrap of a slice
MOST_NAMED = 3


@dataclass(frozen=True)
class Side:
    """Rows with predictions by models that were not fitted on them.

    Attributes:
        name: "out of fold" or "test".
        rows: n positions in the table.
        predictions: First axis is rows.
    """

    name: str
    rows: np.ndarray
    predictions: np.ndarray

    def sample(self, seed: int) -> "Side":
        """At most MOST_ROWS of the rows."""
        if len(self.rows) <= MOST_ROWS:
            return self
        kept = np.sort(np.random.default_rng(seed).choice(len(self.rows), MOST_ROWS, replace=False))
        return replace(self, rows=self.rows[kept], predictions=self.predictions[kept])


def slices_of(ready: Prepared, out_of_fold: Side, test: Side, threshold: float) -> Slices:
    """Scores every declared part, and those that a tree finds where out-of-fold losses are high.

    A declared part is compared with chance on the out-of-fold rows, which are the most; one that was found there, on the test
    rows, which had no part in finding it.

    Args:
        ready: What was settled before the first fit.
        out_of_fold: Development rows with out-of-fold predictions.
        test: Test rows.
        threshold: Labels of a binary target are cut here.
    """
    table, spec, seed = ready.table, ready.spec.slices, ready.spec.split.seed
    out_of_fold, test = out_of_fold.sample(seed), test.sample(seed)
    divisions = [divide(table, column, ready.split.development) for column in slice_columns(ready)]
    losses = row_losses(table.target[out_of_fold.rows], out_of_fold.predictions)
    least = spec.min_rows * max(1, -(-len(out_of_fold.rows) // max(1, len(test.rows))))
    parts = (*parts_of(divisions), *find_parts(table, out_of_fold.rows, losses, least))
    sides = (out_of_fold, test)
    judged = [(part, side) for part in parts if _enough(ready, part, side := test if part.found else out_of_fold)]
    results = [_judge(ready, part, side, sides, threshold) for part, side in judged]
    beyond = beyond_chance([result.p_value for result in results])
    results = [replace(result, beyond_chance=each) for result, each in zip(results, beyond, strict=True)]
    results.sort(key=lambda result: (not result.beyond_chance, result.score - result.expected))
    return Slices(ready.metric.name, len(results), tuple(results))


def slice_columns(ready: Prepared) -> tuple[str, ...]:
    """Columns whose values are looked at one by one."""
    return tuple(dict.fromkeys((*ready.spec.slices.on, *ready.spec.split.stratify_on)))


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


def _enough(ready: Prepared, part: Part, side: Side) -> bool:
    inside = part.inside[side.rows]
    y = ready.table.target[side.rows][inside]
    return not inside.all() and scorable(y, side.predictions[inside], ready.spec.slices.min_rows)


def _judge(ready: Prepared, part: Part, side: Side, sides: Sequence[Side], threshold: float) -> SliceResult:
    metric, groups = ready.metric, ready.split.groups
    y, inside = ready.table.target[side.rows], part.inside[side.rows]
    chance = by_chance(
        metric,
        y,
        side.predictions,
        inside,
        None if groups is None else groups[side.rows],
        threshold,
        ready.spec.split.seed,
    )
    seen, tested = (_scores(ready, part, each, threshold) if _enough(ready, part, each) else None for each in sides)
    return SliceResult(
        name=part.name,
        columns=part.columns,
        found=part.found,
        out_of_fold=seen or SliceScores(int(part.inside[sides[0].rows].sum())),
        test=tested,
        judged_on=side.name,
        score=metric.score(y[inside], side.predictions[inside], threshold),
        expected=chance.expected,
        p_value=chance.p_value,
        beyond_chance=False,
    )


def _scores(ready: Prepared, part: Part, side: Side, threshold: float) -> SliceScores:
    table, groups = ready.table, ready.split.groups
    inside = part.inside[side.rows]
    rows, predictions = side.rows[inside], side.predictions[inside]
    y = table.target[rows]
    scores = {m.name: m.score(y, predictions, threshold) for m in reported_metrics(table.task, ready.metric)}
    metrics: list[Metric] = [m for m in reported_metrics(table.task, ready.metric) if np.isfinite(scores[m.name])]
    of_groups = None if groups is None else groups[rows]
    intervals = bootstrap(metrics, y, predictions, threshold, of_groups, REPLICATES, ready.spec.split.seed)
    return SliceScores(len(rows), count_classes(table, rows), {m.name: scores[m.name] for m in metrics}, intervals)
