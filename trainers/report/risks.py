"""What a report warns of, and what to watch once the model is in use, by rules from its numbers."""

from collections.abc import Iterator

from trainers.findings import Finding, Severity
from trainers.report.glossary import number, percent
from trainers.report.values import Report
from trainers.report.words import outcome

# Below this many true cases in the test a single row moves recall by more than two points.
FEW_CASES = 50


def risks(report: Report) -> tuple[Finding, ...]:
    """What the run found, and what its own numbers warn of, gravest first."""
    order = list(Severity)
    return tuple(sorted((*report.findings, *_warnings(report)), key=lambda f: order.index(Severity(f.severity))))


def _warnings(report: Report) -> Iterator[Finding]:
    found, openings = outcome(report), len(report.split.openings)
    if openings > 1:
        yield Finding(
            "TEST_REOPENED",
            Severity.WARNING,
            f"The test rows were opened {openings} times, so they are no longer unseen and the test scores may flatter.",
            "Judge the final model on new rows.",
        )
    if found is not None and found.cases < FEW_CASES:
        yield Finding(
            "FEW_TEST_CASES",
            Severity.WARNING,
            f"The test holds only {found.cases:,} true cases, so the share caught is known only roughly.",
            "Gather more true cases before relying on the exact share.",
        )
    if report.threshold is not None and (spread := _threshold_spread(report)):
        yield spread


def _threshold_spread(report: Report) -> Finding | None:
    """Warns when folds, each alone, would have chosen very different thresholds."""
    threshold = report.threshold
    if threshold is None or len(threshold.folds) < 2 or max(threshold.folds) - min(threshold.folds) < 0.25:
        return None
    return Finding(
        "THRESHOLD_UNSTABLE",
        Severity.INFO,
        f"Chosen on single folds, the threshold would lie anywhere from {number(min(threshold.folds))} "
        f"to {number(max(threshold.folds))}.",
        "Read the threshold as approximate; the curve of outcomes by threshold shows what nearby values would do.",
    )


def watch(report: Report) -> tuple[str, ...]:
    """What to measure once the model is in use, with the values this run saw."""
    lines = []
    found = outcome(report)
    if found is not None:
        total = found.caught + found.alarms
        lines.append(
            f"The share of rows flagged: {percent(total / (found.cases + found.others))} on the test. "
            "A lasting change means that the data or the world has changed."
        )
        if total:
            lines.append(
                f"The share of flagged rows that turn out true: {percent(found.caught / total)} on the test. "
                "It needs the outcome of flagged rows to be recorded."
            )
        lines.append(
            f"Cases that were not flagged: {found.cases - found.caught:,} of {found.cases:,} on the test. "
            "They are seen only if unflagged rows are checked too."
        )
    strongest = [item.feature for item in report.importances[:3] if item.mean > 0]
    if strongest:
        lines.append(
            f"The columns that the model leans on most: {', '.join(strongest)}. Watch for missing or drifting values."
        )
    return tuple(lines)
