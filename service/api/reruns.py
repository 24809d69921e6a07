"""What differs between the record of an earlier job and today."""

from collections.abc import Iterator, Mapping
from typing import Any

from trainers import manifest
from trainers.plan import Plan


def differences(report: Mapping[str, Any] | None, plan: Plan) -> list[str]:
    """One sentence for each difference that can change results; none when the rerun is exact.

    Args:
        report: Report of the earlier job; None when it ended without one.
        plan: Plan of the new job, made from the same spec.
    """
    if report is None:
        return ["The earlier job ended without a report, so there is no record to compare with."]
    return list(_compare(report["manifest"], plan))


def _compare(recorded: Mapping[str, Any], plan: Plan) -> Iterator[str]:
    if recorded["data_fingerprint"] != plan.data.fingerprint:
        yield "The content of the table has changed."
    elif recorded["split_digest"] != plan.split.digest:
        yield "The rows are assigned to other sides or folds."
    if recorded["code_version"] != manifest.code_version():
        yield f"The code was version {recorded['code_version']} and is now {manifest.code_version()}."
    before, now = recorded["packages"], manifest.packages()
    for name in sorted({*before, *now}):
        if before.get(name) != now.get(name):
            yield f"{name} was {before.get(name, 'not installed')} and is now {now.get(name, 'not installed')}."
