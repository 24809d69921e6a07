"""Where the next configuration of one study comes from: random, grid, or Bayesian."""

import hashlib
import json
import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from tuning.objective import Study
from tuning.result import TrialOutcome, TrialState
from tuning.space import Parameter
from tuning.spec import Algorithm

GRID_POINTS = 3  # values of a numeric parameter on a grid
ATTEMPTS = 50  # draws in search of a configuration not yet tried, before a study counts as exhausted

logging.getLogger("optuna").setLevel(logging.WARNING)


class Sampler(Protocol):
    """Proposes configurations of one study, each at most once."""

    def ask(self) -> dict[str, Any] | None:
        """Values of the searched parameters; None when there is nothing new to try."""
        ...

    def tell(self, asked: int, outcome: TrialOutcome) -> None:
        """Learns how the configuration that was the ``asked``-th to be proposed (from 0) ended."""
        ...


def sampler(study: Study, algorithm: Algorithm, seed: int) -> Sampler:
    """Makes the sampler of a study.

    The seed is mixed with the study's name: a study's configurations do not depend on which others are searched.
    """
    if algorithm is Algorithm.GRID:
        return GridSampler(study)
    mixed = int.from_bytes(hashlib.sha256(f"{seed}/{study.name}".encode()).digest()[:4], "big")
    if algorithm is Algorithm.RANDOM:
        return OptunaSampler(study, optuna.samplers.RandomSampler(seed=mixed))
    # constant_liar keeps proposals away from configurations whose results are not known yet.
    return OptunaSampler(study, optuna.samplers.TPESampler(seed=mixed, constant_liar=True))


class OptunaSampler:
    """Ask and tell over an Optuna study (Akiba et al., KDD 2019); TPE is Bergstra et al., NeurIPS 2011."""

    def __init__(self, study: Study, method: optuna.samplers.BaseSampler) -> None:
        self._study = optuna.create_study(direction="maximize", sampler=method)
        self._distributions = {name: distribution(parameter) for name, parameter in study.space.items()}
        self._asked: list[optuna.Trial] = []
        self._seen: set[str] = set()
        first = {name: value for name, value in study.default.items() if _allowed(study.space, name, value)}
        if first:
            self._study.enqueue_trial(first)

    def ask(self) -> dict[str, Any] | None:
        """See ``Sampler``."""
        for _ in range(ATTEMPTS):
            trial = self._study.ask(self._distributions)
            key = json.dumps(trial.params, sort_keys=True)
            if key not in self._seen:
                self._seen.add(key)
                self._asked.append(trial)
                return dict(trial.params)
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return None

    def tell(self, asked: int, outcome: TrialOutcome) -> None:
        """See ``Sampler``. A stopped trial counts as pruned: TPE ranks it by folds done, then score."""
        trial = self._asked[asked]
        if outcome.state is TrialState.COMPLETED:
            self._study.tell(trial, outcome.mean)
        elif outcome.state is TrialState.STOPPED and outcome.mean is not None:
            trial.report(outcome.mean, len(outcome.fold_scores))
            self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)


class GridSampler:
    """The default, then all combinations of a few values a parameter, in an order that covers them evenly at any time."""

    def __init__(self, study: Study) -> None:
        self._points = self._walk(study)

    def ask(self) -> dict[str, Any] | None:
        """See ``Sampler``."""
        return next(self._points, None)

    def tell(self, asked: int, outcome: TrialOutcome) -> None:
        """See ``Sampler``. A grid does not learn."""

    @staticmethod
    def _walk(study: Study) -> Iterator[dict[str, Any]]:
        names = list(study.space)
        values = [grid_values(study.space[name]) for name in names]
        default = {name: study.default[name] for name in names if name in study.default}
        whole = len(default) == len(names) and all(_allowed(study.space, n, v) for n, v in default.items())
        if whole:
            yield default
        size = math.prod(len(v) for v in values)
        # Steps of about size/golden ratio, coprime to size, visit every point once and leave no large gap at any time.
        step = max(1, round(size * (math.sqrt(5) - 1) / 2))
        while math.gcd(step, size) != 1:
            step += 1
        for i in range(size):
            index, point = i * step % size, {}
            for name, choices in zip(names, values, strict=True):
                index, digit = divmod(index, len(choices))
                point[name] = choices[digit]
            if not (whole and point == default):
                yield point


def distribution(parameter: Parameter) -> BaseDistribution:
    """The Optuna distribution of a parameter."""
    if parameter.choice is not None:
        return CategoricalDistribution(parameter.choice.values)
    if (real := parameter.uniform or parameter.log_uniform) is not None:
        return FloatDistribution(real.low, real.high, log=parameter.log_uniform is not None)
    whole = parameter.integer or parameter.log_integer
    assert whole is not None  # a Parameter has exactly one kind
    return IntDistribution(whole.low, whole.high, log=parameter.log_integer is not None)


def grid_values(parameter: Parameter) -> list[Any]:
    """All choices, or ``GRID_POINTS`` values from low to high, evenly spaced on the parameter's scale."""
    if parameter.choice is not None:
        return list(parameter.choice.values)
    bounds = parameter.uniform or parameter.log_uniform or parameter.integer or parameter.log_integer
    assert bounds is not None  # a Parameter has exactly one kind
    logarithmic = parameter.log_uniform is not None or parameter.log_integer is not None
    low, high = (math.log(bounds.low), math.log(bounds.high)) if logarithmic else (bounds.low, bounds.high)
    inner = [low + (high - low) * i / (GRID_POINTS - 1) for i in range(1, GRID_POINTS - 1)]
    points: list[float] = [bounds.low, *(math.exp(x) if logarithmic else x for x in inner), bounds.high]
    if parameter.integer is not None or parameter.log_integer is not None:
        return sorted({round(x) for x in points})
    return points


def _allowed(space: Mapping[str, Parameter], name: str, value: Any) -> bool:
    """Whether a default lies in the space: a narrower space given by the user wins over the family's default."""
    if name not in space:
        return False
    parameter = space[name]
    if parameter.choice is not None:
        return any(value == v and type(value) is type(v) for v in parameter.choice.values)
    bounds = parameter.uniform or parameter.log_uniform or parameter.integer or parameter.log_integer
    assert bounds is not None  # a Parameter has exactly one kind
    return isinstance(value, int | float) and not isinstance(value, bool) and bounds.low <= value <= bounds.high
