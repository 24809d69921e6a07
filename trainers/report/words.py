"""Says in plain language what the numbers of a report carry, by rules, and nothing more."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from scipy.stats import binomtest

from trainers.report import decision_words
from trainers.report.glossary import about, family_title, metric_words, number, out_of, percent
from trainers.report.insight_words import insights
from trainers.report.values import CandidateResult, Report, ThresholdPoint


@dataclass(frozen=True)
class Outcome:
    """What the chosen threshold did to the test rows of a binary report.

    Attributes:
        cases: True cases in the test.
        others: Other rows in the test.
        caught: Cases flagged.
        alarms: Others flagged.
    """

    cases: int
    others: int
    caught: int
    alarms: int


def outcome(report: Report) -> Outcome | None:
    """Counts from the test's confusion matrix; None unless the target is binary."""
    confusion = report.test.confusion
    if report.task != "binary" or confusion is None:
        return None
    labels = confusion.labels
    positive = labels.index(report.data.positive_class) if report.data.positive_class in labels else 1
    case_row, other_row = confusion.rows[positive].counts, confusion.rows[1 - positive].counts
    return Outcome(sum(case_row), sum(other_row), case_row[positive], other_row[positive])


def case_name(report: Report) -> str:
    """What a true case is: "Machine failure = 1"."""
    return f"{report.data.target} = {report.data.positive_class}"


def explain(report: Report) -> tuple[str, ...]:
    """The choice in plain words, one paragraph each, for :attr:`Report.explanation`."""
    paragraphs = (
        chosen(report),
        " ".join(report.comparison.summary) if report.comparison else "",
        nested(report),
        judged(report),
        *_consequences(report),
        probabilities(report),
        *decision_words.paragraphs(report),
        ensembles(report),
        *insights(report),
    )
    return tuple(paragraph for paragraph in paragraphs if paragraph)


def chosen(report: Report) -> str:
    """What was chosen, among what, and by how much it leads the baseline."""
    metric = metric_words(report.cross_validation.metric)
    folds = [metric.sign * score for score in report.cross_validation.folds]
    text = (
        f"Out of {len(report.candidates)} candidates, {family_title(report.selected.family)} was chosen. "
        f"{readable(report, report.selected.reason)} Fold by fold, its {metric.title} lay between {number(min(folds))} "
        f"and {number(max(folds))}, with a mean of {metric.show(report.cross_validation.mean)}."
    )
    return f"{text} {lead_over_baseline(report)}".strip()


def readable(report: Report, text: str) -> str:
    """A reason given by the run, with the names of families and the metric as people read them."""
    for name in sorted({candidate.family for candidate in report.candidates}, key=len, reverse=True):
        text = re.sub(rf"\b{name}\b", family_title(name), text)
    metric = report.cross_validation.metric
    return _sentence(re.sub(rf"\b{metric}\b", metric_words(metric).title, text))


def lead_over_baseline(report: Report) -> str:
    """How the chosen model compares with the best baseline, with the uncertainty of the difference."""
    metric = metric_words(report.cross_validation.metric)
    baseline = report.baseline
    name = family_title(baseline.family)
    if baseline.family == report.selected.family:
        return "It is itself the best baseline: nothing more elaborate earned its place."
    text = f"The best baseline, {name}, reached {metric.show(baseline.mean)}"
    entry = next((c for c in report.candidates if c.family == baseline.family and c.kind == "baseline"), None)
    if entry is None or not entry.difference_se:
        return f"{text}."
    return f"{text}; {_difference_words(entry)}."


def _difference_words(candidate: CandidateResult) -> str:
    ratio = abs(candidate.difference) / candidate.difference_se
    size, error = number(abs(candidate.difference)), number(candidate.difference_se)
    if ratio > 2:
        return (
            f"the difference of {size} is {ratio:.0f} times its standard error of {error}, so it is unlikely to be luck"
        )
    return f"the difference of {size} is within two standard errors ({error} each), so it may be luck"


def judged(report: Report) -> str:
    """The one scoring of the sealed test rows, and whether it agrees with cross-validation."""
    test, name = report.test, report.cross_validation.metric
    metric = metric_words(name)
    if name not in test.metrics:
        return ""
    text = (
        f"On {test.rows:,} sealed test rows, which nothing had been fitted or chosen on, its {metric.title} was "
        f"{metric.show(test.metrics[name])}"
    )
    interval = test.intervals.get(name)
    if interval is None:
        return f"{text}."
    low, high = sorted((metric.sign * interval.low, metric.sign * interval.high))
    inside = interval.low <= report.cross_validation.mean <= interval.high
    agrees = "contains the cross-validated mean" if inside else "does not contain the cross-validated mean"
    return f"{text}, with a 95 % interval from {number(low)} to {number(high)}. The interval {agrees}."


def nested(report: Report) -> str:
    """What the search itself is worth, where that was asked for."""
    outer = report.nested
    if outer is None:
        return ""
    metric, folds = metric_words(outer.metric), len(outer.folds)
    text = (
        f"Repeated without each of {folds} folds and judged on it (nested cross-validation), the search as a whole reached a "
        f"mean {metric.title} of {metric.show(outer.mean)}. {_flattery(outer.optimism)} In {round(outer.agreement * folds)} of "
        f"{folds} folds it chose {family_title(outer.family)}"
    )
    if not outer.parameters:
        return f"{text}."
    agreed = sum(parameter.agreement == 1 for parameter in outer.parameters)
    return f"{text}, with {agreed} of its {len(outer.parameters)} parameters the same each time."


def _flattery(optimism: float) -> str:
    if optimism <= 0:
        return (
            "The chosen model's own mean on these folds is no better, so choosing the best of many did not flatter it."
        )
    return (
        f"The chosen model's own mean on these folds is {number(optimism)} better, which is how much choosing the best of many "
        "flattered it."
    )


def probabilities(report: Report) -> str:
    """What resampling would have done to the probabilities, and what is left of it after the correction."""
    calibration = report.calibration
    if calibration is None or calibration.uncorrected is None:
        return ""
    before, after = calibration.uncorrected, calibration.corrected
    return (
        "Classes were made even for training, which inflates the probabilities of rare ones: out of fold they would be off by "
        f"{number(before.expected_error)} on average. Corrected back to the true shares of the classes, they are off by "
        f"{number(after.expected_error)}, where chance alone explains {number(after.by_chance)}."
    )


def _consequences(report: Report) -> Iterator[str]:
    if report.task == "binary":
        yield " ".join((hundred_cases(report), thousand_others(report), flagged(report)))
        yield " ".join((against_half(report), against_baseline(report)))
    elif report.task == "multiclass":
        yield classes(report)
    else:
        yield misses(report)


def ensembles(report: Report) -> str:
    """What combining models gained and cost, for the ensemble that gained most, or the one that was chosen."""
    if not report.ensembles:
        return ""
    best = max(report.ensembles, key=lambda e: (e.kind == report.selected.family, e.gain))
    name, error = family_title(best.kind), number(best.gain_se)
    word = "gained" if best.gain >= 0 else "lost"
    text = (
        f"Combining models: {name} {word} {number(abs(best.gain))} (standard error {error}) against the best single model, "
        f"{family_title(best.best_single)}. It takes {_extra(best.extra_latency_ms, 'ms')} to predict a row and "
        f"{_extra(best.extra_model_mb, 'MB')} to store"
    )
    explains = "its answers are those of several models together and harder to follow than those of one"
    if best.kind == report.selected.family:
        return f"{text}; {explains}."
    return f"{text}. It was not chosen; with it, {explains.removeprefix('its ')}."


def _extra(amount: float, unit: str) -> str:
    return f"{number(abs(amount))} {unit} {'more' if amount >= 0 else 'less'}"


def hundred_cases(report: Report) -> str:
    """What happens to a hundred true cases."""
    found = outcome(report)
    if found is None or not found.cases:
        return ""
    rate = found.caught / found.cases
    return (
        f"Of 100 true cases ({case_name(report)}), {about(rate, 100)} are flagged and "
        f"{out_of(1 - rate, 100)} are missed{_plausible(report, found.caught, found.cases, 100)}."
    )


def thousand_others(report: Report) -> str:
    """What happens to a thousand rows that are no cases."""
    found = outcome(report)
    if found is None or not found.others:
        return ""
    rate = found.alarms / found.others
    return (
        f"Of 1,000 other rows, {about(rate, 1000)} are flagged needlessly and {out_of(1 - rate, 1000)} "
        f"are left alone{_plausible(report, found.alarms, found.others, 1000)}."
    )


def flagged(report: Report) -> str:
    """How much of what is flagged is real."""
    found = outcome(report)
    if found is None:
        return ""
    total = found.caught + found.alarms
    if not total:
        return "No test row is flagged."
    return (
        f"Of 100 flagged rows, {about(found.caught / total, 100)} are true cases; "
        f"{percent(total / (found.cases + found.others))} of all rows are flagged."
    )


def _plausible(report: Report, count: int, total: int, whole: int) -> str:
    """Wilson interval of a share; left out for grouped rows, which are not independent."""
    if report.split.kind == "grouped":
        return ""
    interval = binomtest(count, total).proportion_ci(method="wilson")
    return f" (flagged: {out_of(interval.low, whole)} to {out_of(interval.high, whole)} is plausible, from {total:,} test rows)"


def against_half(report: Report) -> str:
    """The chosen threshold against 0.5, the usual default, on the test rows."""
    return _against(report, report.test.at_half, "the usual threshold of 0.5")


def against_baseline(report: Report) -> str:
    """The chosen model against the best baseline at its own threshold, on the test rows."""
    return _against(report, report.test.baseline, f"the best baseline ({family_title(report.baseline.family)})")


def _against(report: Report, other: ThresholdPoint | None, name: str) -> str:
    ours, found = report.test.chosen, outcome(report)
    if other is None or ours is None or found is None:
        return ""
    caught = round((ours.recall - other.recall) * found.cases)
    alarms = round((ours.false_positive_rate - other.false_positive_rate) * found.others)
    if not caught and not alarms:
        text = f"On the test rows it flags as many cases and as many other rows as {name}"
    else:
        text = (
            f"Compared with {name}, on the test rows it catches {_more(caught)} of {found.cases:,} true cases "
            f"and raises {_more(alarms)} false alarms"
        )
    return f"{text}; {_cost_words(ours.cost, other.cost)}." if decision_words.has_costs(report) else f"{text}."


def _more(count: int) -> str:
    return f"{count:,} more" if count > 0 else f"{-count:,} fewer" if count < 0 else "as many"


def _cost_words(ours: float, theirs: float) -> str:
    text = f"the cost is {number(ours)} against {number(theirs)}"
    if ours == theirs:
        return f"{text}: no difference"
    if not theirs:
        return f"{text}: more"
    change = ours / theirs - 1
    return f"{text}: {percent(abs(change))} {'less' if change < 0 else 'more'}"


def classes(report: Report) -> str:
    """The class most often right and the one least often right, and what the latter is taken for."""
    confusion = report.test.confusion
    if confusion is None:
        return ""
    rates = {
        label: row.counts[i] / sum(row.counts)
        for i, (label, row) in enumerate(zip(confusion.labels, confusion.rows, strict=True))
        if sum(row.counts)
    }
    best, worst = max(rates, key=rates.__getitem__), min(rates, key=rates.__getitem__)
    row = confusion.rows[confusion.labels.index(worst)].counts
    text = (
        f"Class “{best}” is recognised best: {about(rates[best], 100)} of 100 test rows. "
        f"Class “{worst}” is recognised least: {about(rates[worst], 100)} of 100, from {sum(row):,} test rows."
    )
    missed = {label: count for label, count in zip(confusion.labels, row, strict=True) if label != worst and count}
    if not missed:
        return text
    return f"{text} It is most often taken for “{max(missed, key=missed.__getitem__)}”."


def misses(report: Report) -> str:
    """How far regression predictions are off, in the target's units."""
    metrics, baseline = report.test.metrics, report.test.baseline_metrics
    name = "neg_mean_absolute_error"
    if name not in metrics:
        return ""
    text = f"On the test rows, predictions of {report.data.target} are off by {number(-metrics[name])} on average"
    if name in baseline:
        text += f"; those of the best baseline ({family_title(report.baseline.family)}) by {number(-baseline[name])}"
    if "r2" in metrics and metrics["r2"] > 0:
        text += f". They account for {percent(metrics['r2'])} of the target's variation"
    return f"{text}."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
