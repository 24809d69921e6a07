from trainers.evaluation.threshold.spec import ThresholdSpec

__all__ = ["ThresholdSpec"]
