"""One trial on a worker: fold after fold, until it is done, stopped by the race, or failed."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tuning.objective import FoldResult, Objective
from tuning.racing import Race


@dataclass
class Trial:
    """The folds of one configuration.

    Attributes:
        objective: Fits and scores.
        study: Name of the study.
        params: All parameters.
        race: The test that stops it.
        rival: Predictions of the incumbent, by fold; None if it runs all folds in any case.
        predictions: Predictions of the folds finished so far.
        failure: Why it failed, in a sentence; empty otherwise.
        verdict: Why it was stopped, in a sentence; empty otherwise.
    """

    objective: Objective
    study: str
    params: Mapping[str, Any]
    race: Race
    rival: Sequence[np.ndarray] | None
    predictions: list[np.ndarray] = field(default_factory=list)
    failure: str = ""
    verdict: str = ""

    @property
    def ended(self) -> bool:
        """Whether no fold is left to fit."""
        return bool(self.failure or self.verdict) or len(self.predictions) >= self.race.folds

    def advance(self) -> FoldResult | str:
        """Fits the next fold and looks at the race; returns the result, or the reason of a failure.

        Raises:
            MemoryError: Memory ran out, which need not be the configuration's fault.
        """
        try:
            result = self.objective.evaluate(self.study, self.params, len(self.predictions))
            if not math.isfinite(result.score):
                raise ValueError(f"The score is {result.score}, not a finite number.")
        except MemoryError:
            raise
        except Exception as error:  # whatever a model library raises, the search goes on without this configuration
            first_line = str(error).strip().partition("\n")[0]
            self.failure = f"{type(error).__name__}: {first_line}"
            return self.failure
        self.predictions.append(np.asarray(result.predictions))
        if self.rival is not None:
            self.verdict = self.race.verdict(self.objective, self.predictions, self.rival)
        return result
