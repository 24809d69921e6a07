"""Whether a run that repeats an earlier one gave what the earlier one recorded."""

from collections.abc import Iterator
from typing import Any

from trainers.findings import Finding, Severity
from trainers.manifest import differences
from trainers.report.values import Report


def repeats(earlier: Report, now: Report) -> Finding:
    """What is equal, and exactly what is not: first in the results, then in what can have caused it."""
    changed = list(_changed_results(earlier, now))
    causes = list(differences(earlier.manifest, now.manifest))
    recorded = earlier.split.openings[-1].by if earlier.split.openings else "the earlier run"
    evidence = {"rerun_of": recorded, "results": changed, "recorded": causes}
    if not changed:
        also = f" This although: {' '.join(causes)}" if causes else ""
        return Finding(
            "RERUN_EQUAL",
            Severity.INFO,
            f"Gives what {recorded} recorded, to the last digit: configuration, fold scores, threshold, test metrics.{also}",
            "Nothing.",
            evidence=evidence,
        )
    return Finding(
        "RERUN_DIFFERS",
        Severity.WARNING,
        f"Gives other results than {recorded}: {' '.join(changed)} What differs from its record: "
        f"{' '.join(causes) or _unrecorded(now)}",
        "Restore what differs and run again; or take the new results as they are, with their cause known.",
        evidence=evidence,
    )


def _changed_results(earlier: Report, now: Report) -> Iterator[str]:
    for name, was, became in (
        ("The split digest", earlier.split.digest[:12], now.split.digest[:12]),
        ("The chosen family", earlier.selected.family, now.selected.family),
        ("Its parameters", dict(earlier.selected.params), dict(now.selected.params)),
        ("The fold scores", _listed(earlier.cross_validation.folds), _listed(now.cross_validation.folds)),
        ("The threshold", _threshold(earlier), _threshold(now)),
        *((f"{name} on the test", *pair) for name, pair in _test_metrics(earlier, now)),
    ):
        if was != became:
            yield f"{name} was {was} and is now {became}."


def _test_metrics(earlier: Report, now: Report) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name in sorted({*earlier.test.metrics, *now.test.metrics}):
        yield name, (earlier.test.metrics.get(name), now.test.metrics.get(name))


def _threshold(report: Report) -> float | None:
    return report.threshold.value if report.threshold else None


def _listed(scores: tuple[float, ...]) -> str:
    return ", ".join(map(repr, scores))


def _unrecorded(report: Report) -> str:
    if report.manifest.spec.get("search", {}).get("time_budget_s"):
        return "nothing; but search.time_budget_s ends the search by the clock, so a slower machine tries less."
    return "nothing that is recorded."
