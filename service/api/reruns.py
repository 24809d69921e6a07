"""What differs between the record of an earlier job and today."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from trainers import manifest
from trainers.plan import Plan
from trainers.report.values import Manifest


def differences(report: Mapping[str, Any] | None, plan: Plan) -> tuple[str, ...]:
    """One sentence for each difference that can change results; none when the rerun is exact.

    Args:
        report: Report of the earlier job; None when it ended without one.
        plan: Plan of the new job, made from the same spec.
    """
    if report is None:
        return ("The earlier job ended without a report, so there is no record to compare with.",)
    recorded = TypeAdapter(Manifest).validate_python(report["manifest"])
    return manifest.differences(recorded, manifest.manifest(plan.spec, plan.data, plan.split.digest))
