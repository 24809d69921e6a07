"""The report in a few lines, for who decides: what the model does, what is gained, where it is weak, what to see to first."""

from collections.abc import Iterator

from trainers.findings import Severity
from trainers.report import decision_words, words
from trainers.report.glossary import family_title, metric_words, number, percent
from trainers.report.insight_words import weak_parts
from trainers.report.risks import risks
from trainers.report.values import Report


def brief(report: Report) -> tuple[str, ...]:
    """Few lines, the most important first."""
    return tuple(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    yield _what_it_does(report)
    yield _what_it_is_worth(report)
    yield _what_is_gained(report)
    parts = weak_parts(report)
    if parts:
        yield f"It is least to be trusted where {' or where '.join(part.name for part in parts)}."
    yield _what_to_see_to(report)


def _what_it_does(report: Report) -> str:
    target, columns = report.data.target, len(report.data.columns)
    given = f"From {columns} columns of a row" if columns else "From a row"
    if report.threshold is not None:
        return (
            f"{given} the model works out how probable {words.case_name(report)} is, and flags the row when that is at least "
            f"{percent(report.threshold.value)}."
        )
    return (
        f"{given} the model names the class of {target}."
        if report.task == "multiclass"
        else f"{given} it estimates {target}."
    )


def _what_it_is_worth(report: Report) -> str:
    if report.task == "multiclass":
        return words.classes(report)
    if report.task == "regression":
        return words.misses(report)
    found = words.outcome(report)
    if found is None or not found.cases or not found.others:
        return words.flagged(report)
    return (
        f"On rows it had never seen it caught {found.caught:,} of {found.cases:,} true cases, and flagged {found.alarms:,} of "
        f"{found.others:,} other rows needlessly."
    )


def _what_is_gained(report: Report) -> str:
    if report.selected.family == report.baseline.family:
        return words.lead_over_baseline(report)
    ours, theirs, half = report.test.chosen, report.test.baseline, report.test.at_half
    simple = f"the simple model it was compared with ({family_title(report.baseline.family)})"
    if decision_words.has_costs(report) and ours and theirs and half:
        return (
            f"At the stated costs its mistakes there add up to {number(ours.cost)}; those of {simple} to {number(theirs.cost)}, "
            f"and its own at the usual threshold of 0.5 to {number(half.cost)}."
        )
    name = report.cross_validation.metric
    scores, metric = report.test, metric_words(name)
    if name not in scores.metrics or name not in scores.baseline_metrics:
        return words.lead_over_baseline(report)
    return (
        f"Its {metric.title} there is {metric.show(scores.metrics[name])}; that of {simple} is "
        f"{metric.show(scores.baseline_metrics[name])}."
    )


def _what_to_see_to(report: Report) -> str:
    grave = [finding for finding in risks(report) if finding.severity != Severity.INFO]
    if not grave:
        return "No check raised a warning. What to watch once it is in use is listed under Risks."
    if len(grave) == 1:
        return "One warning is to be settled before it is used; it is listed under Risks."
    return f"{len(grave)} warnings are to be settled before it is used; they are listed under Risks."
