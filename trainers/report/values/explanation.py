"""What the model leans on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureImportance:
    """Permutation importance of one column."""

    feature: str
    mean: float
    std: float
    low: float = 0.0
    high: float = 0.0
