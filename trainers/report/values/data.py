"""The table and how its rows were assigned."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ColumnSummary:
    """One feature column."""

    name: str
    role: str
    dtype: str
    missing: int
    distinct: int


@dataclass(frozen=True)
class DataSummary:
    """The table as it was read."""

    uri: str
    fingerprint: str
    rows: int
    target: str
    positive_class: str = ""
    class_counts: Mapping[str, int] = field(default_factory=dict)
    columns: tuple[ColumnSummary, ...] = ()


@dataclass(frozen=True)
class FoldSummary:
    """One cross-validation fold."""

    train_rows: int
    validation_rows: int
    validation_class_counts: Mapping[str, int] = field(default_factory=dict)
    train_class_counts: Mapping[str, int] = field(default_factory=dict)
    resampled_class_counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class TestOpening:
    """One opening of the sealed test rows."""

    time: str
    by: str
    why: str


@dataclass(frozen=True)
class SplitSummary:
    """How rows were assigned."""

    kind: str
    development_rows: int
    test_rows: int
    digest: str
    folds: tuple[FoldSummary, ...] = ()
    openings: tuple[TestOpening, ...] = ()
