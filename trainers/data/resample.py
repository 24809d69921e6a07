"""Treats class imbalance inside the training rows of a fold, and corrects the probabilities back."""

from enum import StrEnum

from pydantic import BaseModel


class ResampleMethod(StrEnum):
    """Ways to treat class imbalance (imbalanced-learn)."""

    NONE = "none"
    CLASS_WEIGHTS = "class_weights"
    OVER = "over"
    UNDER = "under"
    SMOTE = "smote"


class ResampleSpec(BaseModel, frozen=True, extra="forbid"):
    """How class imbalance is treated."""

    method: ResampleMethod = ResampleMethod.NONE
