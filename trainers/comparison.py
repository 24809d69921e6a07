"""Sets a run beside an earlier one: what was changed, and whether it helped.

The verdict rests on held-out rows of the development side, paired row by row. The sealed test is shown and never judged by: runs
chosen by their test scores would have none left.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from scipy.stats import binomtest

from trainers.data.table import Task
from trainers.earlier import Run
from trainers.evaluation.metrics import metric, paired_difference
from trainers.evaluation.threshold.outcomes import Prices, Scored, outcome
from trainers.evaluation.threshold.spec import ExpectedCost
from trainers.manifest import circumstances, spec_changes
from trainers.predictions import Predictions
from trainers.report.glossary import metric_words, number
from trainers.report.values import Comparison, Flips, Report, SpecChange, TestChange

CLEAR_ERRORS = 2.0  # standard errors beyond which a difference is called better or worse
EXAMPLES = 20


def compare(reference: Run, run: Run) -> Comparison:
    """Compares a run with a reference, on the same rows in the same folds where they have them."""
    ours, theirs = run.report, reference.report
    name = ours.cross_validation.metric
    test = {m: v for m, v in theirs.test.metrics.items() if m in ours.test.metrics}
    found = Comparison(
        reference=reference.name,
        job=run.name,
        changes=tuple(SpecChange(*change) for change in spec_changes(theirs.manifest, ours.manifest)),
        circumstances=tuple(circumstances(theirs.manifest, ours.manifest)),
        metric=name,
        reference_mean=_mean(reference, name),
        mean=ours.cross_validation.mean,
        paired=False,
        difference=float("nan"),
        difference_se=0.0,
        verdict="unknown",
        test=tuple(TestChange(m, test[m], ours.test.metrics[m]) for m in sorted(test)),
    )
    pair = _same_rows(reference, run)
    found = _unpaired(found) if pair is None else _paired(found, *pair, ours)
    return replace(found, summary=tuple(_summary(found)))


def _mean(run: Run, name: str) -> float:
    """Mean cross-validated score by a metric; NaN where the run searched by another one and kept no predictions."""
    if run.report.cross_validation.metric == name:
        return run.report.cross_validation.mean
    if run.predictions is None:
        return float("nan")
    measure, held_out = metric(name, Task(run.report.task)), run.predictions.out_of_fold
    folds = [held_out.fold_of(number) for number in np.unique(held_out.folds)]
    return float(np.mean([measure.score(fold.truth, fold.values) for fold in folds]))


def _same_rows(reference: Run, run: Run) -> tuple[Predictions, Predictions] | None:
    """The out-of-fold predictions of both, where they are for the same rows in the same folds with the same truth."""
    if reference.predictions is None or run.predictions is None:
        return None
    ours, theirs = run.predictions.out_of_fold, reference.predictions.out_of_fold
    same_table = run.report.manifest.data_fingerprint == reference.report.manifest.data_fingerprint
    same = (
        same_table
        and ours.classes == theirs.classes
        and all(
            np.array_equal(a, b)
            for a, b in ((ours.rows, theirs.rows), (ours.folds, theirs.folds), (ours.truth, theirs.truth))
        )
    )
    return (theirs, ours) if same else None


def _unpaired(found: Comparison) -> Comparison:
    return replace(found, difference=found.mean - found.reference_mean)


def _paired(found: Comparison, theirs: Predictions, ours: Predictions, report: Report) -> Comparison:
    measure, folds = metric(found.metric, Task(report.task)), np.unique(ours.folds)
    mine, other = ([p.fold_of(f) for f in folds] for p in (ours, theirs))
    truth, values = [fold.truth for fold in mine], [[fold.values for fold in side] for side in (mine, other)]
    groups = None if ours.groups is None else [fold.groups for fold in mine if fold.groups is not None]
    difference, error = paired_difference(measure, truth, values[0], values[1], groups)
    clear = abs(difference) > CLEAR_ERRORS * error and difference != 0
    costs = _costs(report, theirs), _costs(report, ours)
    return replace(
        found,
        paired=True,
        difference=difference,
        difference_se=error,
        verdict=("better" if difference > 0 else "worse") if clear else "level",
        reference_cost=costs[0],
        cost=costs[1],
        flips=_flips(theirs, ours) if ours.classes else None,
    )


def _costs(report: Report, predictions: Predictions) -> float | None:
    """What decisions cost at the prices of a spec; None where it states no fixed prices."""
    given = report.manifest.spec.get("threshold", {}).get("expected_cost")
    if given is None or len(predictions.classes) != 2:
        return None
    costs = ExpectedCost.model_validate(given)
    if any(costs.columns()):  # the table with the prices of its rows is not here
        return None
    rows = Scored(predictions.truth, predictions.values, Prices(costs.false_negative, costs.false_positive))
    return float(outcome(rows, predictions.decided == 1).cost[0])


def _flips(theirs: Predictions, ours: Predictions) -> Flips:
    """Rows decided differently, and McNemar's exact test (McNemar, Psychometrika 1947)."""
    flipped = ours.decided != theirs.decided
    right, wrong = flipped & (ours.decided == ours.truth), flipped & (theirs.decided == ours.truth)
    gained, lost = int(right.sum()), int(wrong.sum())
    p_value = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    examples = tuple(int(row) for row in ours.rows[flipped][:EXAMPLES])
    return Flips(len(ours.rows), int(flipped.sum()), gained, lost, p_value, examples)


def _summary(found: Comparison) -> Iterator[str]:
    yield _what_changed(found)
    yield _whether_it_helped(found)
    if found.cost is not None and found.reference_cost is not None:
        yield f"Out of fold its decisions cost {number(found.cost)}, those of {found.reference} {number(found.reference_cost)}."
    if found.flips is not None:
        flips = found.flips
        yield (
            f"{flips.flipped:,} of {flips.rows:,} rows are decided differently: {flips.now_right:,} are now right and were wrong, "
            f"{flips.now_wrong:,} are now wrong and were right."
        )


def _what_changed(found: Comparison) -> str:
    changes, others = len(found.changes), " ".join(found.circumstances)
    if not changes and not others:
        return f"Nothing that can change results differs from {found.reference}."
    if not changes:
        return f"The spec is that of {found.reference}. {others}"
    told = ", ".join(f"{c.path} ({c.was or 'none'} → {c.now or 'none'})" for c in found.changes[:5])
    more = f" and {changes - 5} more" if changes > 5 else ""
    if changes == 1 and not others:
        return f"One thing was changed against {found.reference}: {told}."
    together = "Changes made together cannot be told apart."
    return f"Changed against {found.reference}: {told}{more}. {others} {together}".replace("  ", " ")


def _whether_it_helped(found: Comparison) -> str:
    words = metric_words(found.metric)
    scores = f"{words.title} {words.show(found.mean)} against {words.show(found.reference_mean)}"
    if not found.paired:
        return f"{scores}; the two were not scored on the same rows in the same folds, so whether it helped cannot be said."
    size = f"a difference of {number(abs(found.difference))} with a standard error of {number(found.difference_se)}"
    verdict = {
        "better": "it helped, beyond what the choice of rows explains",
        "worse": "it did harm, beyond what the choice of rows explains",
        "level": "it made no difference that these rows can show",
    }[found.verdict]
    return f"{scores} on the same rows: {size}; {verdict}."
