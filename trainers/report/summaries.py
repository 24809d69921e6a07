"""The table and its split as plan and report show them."""

from collections.abc import Mapping

import numpy as np

from trainers.data.load import Table, Task
from trainers.data.split import Split
from trainers.report.values import ColumnSummary, DataSummary, FoldSummary, SplitSummary


def describe_data(table: Table) -> DataSummary:
    """The table as it was read."""
    return DataSummary(
        uri=table.uri,
        fingerprint=table.fingerprint,
        rows=len(table.target),
        target=table.target_name,
        positive_class=str(table.classes[1]) if table.task is Task.BINARY else "",
        class_counts=count_classes(table, np.arange(len(table.target))),
        columns=tuple(ColumnSummary(c.name, c.role.value, c.dtype, c.missing, c.distinct) for c in table.columns),
    )


def describe_split(split: Split, table: Table) -> SplitSummary:
    """Rows and classes on each side."""
    return SplitSummary(
        kind=split.kind,
        development_rows=len(split.development),
        test_rows=split.test_rows,
        digest=split.digest,
        folds=tuple(
            FoldSummary(
                train_rows=len(fold.train),
                validation_rows=len(fold.validation),
                validation_class_counts=count_classes(table, fold.validation),
                train_class_counts=count_classes(table, fold.train),
            )
            for fold in split.folds
        ),
    )


def count_classes(table: Table, rows: np.ndarray) -> Mapping[str, int]:
    """Rows by class, as text; empty for regression."""
    if table.task is Task.REGRESSION:
        return {}
    counts = np.bincount(table.target[rows], minlength=len(table.classes))
    return {str(label): int(count) for label, count in zip(table.classes, counts, strict=True)}
