from trainers.evaluation.threshold.policy import UnreachableError
from trainers.evaluation.threshold.spec import ThresholdSpec

__all__ = ["ThresholdSpec", "UnreachableError"]
