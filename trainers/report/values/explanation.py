"""What the model leans on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureImportance:
    """Permutation importance of one column."""

    feature: str
    mean: float
    std: float
