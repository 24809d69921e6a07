"""What the decision asks of the table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from trainers.data.columns import unknown_column
from trainers.data.table import Table, Task
from trainers.errors import SpecError, Violation
from trainers.evaluation.threshold.spec import CLASS_METRICS, LABEL_METRICS, ThresholdSpec


def check_decision(spec: ThresholdSpec, table: Table) -> None:
    """Checks that the policy fits the target, and that its columns are there and hold what they should.

    Raises:
        SpecError: With every violation; the paths are ``threshold.*``.
    """
    found = [*_task(spec, table), *_labels(spec, table), *_columns(spec, table)]
    if found:
        raise SpecError(found)


def _task(spec: ThresholdSpec, table: Table) -> Iterator[Violation]:
    binary = [name for name in ("expected_cost", *spec.limits, "segment_on", "abstain") if getattr(spec, name)]
    task = table.task
    if task is Task.REGRESSION and spec != ThresholdSpec():
        yield Violation("threshold", "needs classes, binary or several, but this target is a number; leave it out")
    elif task is Task.MULTICLASS and binary:
        mend = "leave it out, or give a metric or a cost_matrix"
        yield Violation("threshold", f"{' and '.join(binary)} needs a binary target, but this one is {task}; {mend}")
    elif task is Task.BINARY and spec.cost_matrix:
        yield Violation("threshold.cost_matrix", "is for several classes, and this target is binary; use expected_cost")
    known = LABEL_METRICS if task is Task.BINARY else CLASS_METRICS
    if spec.metric is not None and task is not Task.REGRESSION and spec.metric not in known:
        yield Violation(
            "threshold.metric", f"{spec.metric!r} does not fit a {task} target; use one of {', '.join(known)}"
        )


def _labels(spec: ThresholdSpec, table: Table) -> Iterator[Violation]:
    labels = [str(label) for label in table.classes]
    if spec.abstain is not None and spec.abstain.label in labels:
        yield Violation("threshold.abstain.label", f"{spec.abstain.label!r} is a class of the target; use another word")
    if table.task is not Task.MULTICLASS:
        return
    for i, mistake in enumerate(spec.cost_matrix):
        for field in ("truth", "decided"):
            label = getattr(mistake, field)
            if label not in labels:
                message = f"{label!r} is no class of the target; use one of {', '.join(labels)}"
                yield Violation(f"threshold.cost_matrix[{i}].{field}", message)


def _columns(spec: ThresholdSpec, table: Table) -> Iterator[Violation]:
    for i, name in enumerate(spec.segment_on):
        if name not in table.keys:
            yield unknown_column(f"threshold.segment_on[{i}]", name, table.keys.columns)
    for field, name in spec.expected_cost.columns() if spec.expected_cost else ():
        path = f"threshold.expected_cost.{field}"
        if name not in table.keys:
            yield unknown_column(path, name, table.keys.columns)
            continue
        values = pd.to_numeric(table.keys[name], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
        wrong = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
        if len(wrong):
            example = table.keys[name].iloc[wrong[0]]
            yield Violation(
                path,
                f"{name!r} must hold a finite number above 0 in every row, but {len(wrong)} rows do not, such as {example!r}; "
                "fill them in or leave the rows out",
            )
