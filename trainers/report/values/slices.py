"""How the model fares on parts of the rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from trainers.report.values.decision import Interval


@dataclass(frozen=True)
class SliceScores:
    """Scores on the rows of one side that are in the slice."""

    rows: int
    class_counts: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    intervals: Mapping[str, Interval] = field(default_factory=dict)


@dataclass(frozen=True)
class SliceResult:
    """One slice, and whether it fares worse than random rows of the same classes."""

    name: str
    columns: tuple[str, ...]
    found: bool
    out_of_fold: SliceScores
    judged_on: str
    score: float
    expected: float
    p_value: float
    beyond_chance: bool
    test: SliceScores | None = None


@dataclass(frozen=True)
class Slices:
    """Every slice that had enough rows, the most doubtful first."""

    metric: str
    looked_at: int
    results: tuple[SliceResult, ...]
