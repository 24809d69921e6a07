"""Where the next configuration of one study comes from: random, grid, or Bayesian."""

import hashlib
import json
import logging
import math
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import optuna

from tuning.objective import Study
from tuning.result import TrialOutcome, TrialState
from tuning.space import Parameter, active, parents_first
from tuning.spec import Algorithm

GRID_POINTS = 3  # values of a numeric parameter on a grid
ATTEMPTS = 50  # draws in search of a configuration not yet tried, before a study counts as exhausted
# What a method learns from: so many of the last configurations, besides the best. A proposal costs the same for ever then.
# Parzen estimators grow with the history, a Gaussian process with its cube.
HISTORY = {Algorithm.RANDOM: 0, Algorithm.BAYESIAN: 200, Algorithm.GAUSSIAN_PROCESS: 50}
BEST = 25  # TPE takes at most so many as good ones
RENEWAL = 50  # trials after which those that nothing is learned from are left behind

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
    return OptunaSampler(study, _method(algorithm, mixed), HISTORY[algorithm])


def _method(algorithm: Algorithm, seed: int) -> optuna.samplers.BaseSampler:
    if algorithm is Algorithm.RANDOM:
        return optuna.samplers.RandomSampler(seed=seed)
    if algorithm is Algorithm.GAUSSIAN_PROCESS:
        return optuna.samplers.GPSampler(seed=seed)
    # constant_liar keeps proposals away from configurations whose results are not known yet.
    return optuna.samplers.TPESampler(seed=seed, constant_liar=True)


class OptunaSampler:
    """Ask and tell over an Optuna study (Akiba et al., KDD 2019); TPE is Bergstra et al., NeurIPS 2011.

    Args:
        study: What is searched.
        method: Optuna's sampler.
        history: Ended configurations it learns from, besides the best.
    """

    def __init__(self, study: Study, method: optuna.samplers.BaseSampler, history: int) -> None:
        self._method, self._history = method, history
        self._space, self._fixed, self._order = study.space, study.fixed, parents_first(study.space)
        self._study = optuna.create_study(direction="maximize", sampler=method)
        for point in beginnings(study):
            self._study.enqueue_trial(point)
        self._open: dict[int, optuna.Trial] = {}  # by order of proposal
        self._seen: set[str] = set()

    def ask(self) -> dict[str, Any] | None:
        """See ``Sampler``."""
        # Open trials are not counted: they stay, and with many at once a renewal for each proposal would take all the time.
        if len(self._study.get_trials(deepcopy=False)) - len(self._open) > BEST + self._history + RENEWAL:
            self._renew()
        for _ in range(ATTEMPTS):
            trial = self._suggest()
            key = _key(trial.params)
            if key not in self._seen:
                self._open[len(self._seen)] = trial
                self._seen.add(key)
                return dict(trial.params)
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
        return None

    def tell(self, asked: int, outcome: TrialOutcome) -> None:
        """See ``Sampler``. A stopped trial counts as pruned: TPE ranks it by folds done, then score."""
        trial = self._open.pop(asked)
        if outcome.state is TrialState.COMPLETED:
            self._study.tell(trial, outcome.mean)
        elif outcome.state is TrialState.STOPPED and outcome.mean is not None:
            trial.report(outcome.mean, len(outcome.fold_scores))
            self._study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        else:
            self._study.tell(trial, state=optuna.trial.TrialState.FAIL)

    def _suggest(self) -> optuna.Trial:
        trial = self._study.ask()
        for name in self._order:
            parameter = self._space[name]
            if parameter.active({**self._fixed, **trial.params}):
                suggest(trial, name, parameter)
        return trial

    def _renew(self) -> None:
        """Goes on in a new study of Optuna's with the best, the latest and the open trials."""
        ended = [t for t in self._study.get_trials(deepcopy=False) if t.state.is_finished()]
        scored = [t for t in ended if t.state is optuna.trial.TrialState.COMPLETE]
        best = {t.number for t in sorted(scored, key=lambda t: -t.value)[:BEST]}
        latest = {t.number for t in ended[len(ended) - self._history :]}
        self._study = optuna.create_study(direction="maximize", sampler=self._method)
        for asked, trial in self._open.items():
            self._study.enqueue_trial(trial.params)
            self._open[asked] = self._suggest()
        self._study.add_trials(t for t in ended if t.number in best | latest)


class GridSampler:
    """The beginnings, then all combinations of a few values a parameter, in an order that covers them evenly at any time."""

    def __init__(self, study: Study) -> None:
        self._points = self._walk(study)
        self._seen: set[str] = set()

    def ask(self) -> dict[str, Any] | None:
        """See ``Sampler``."""
        for point in self._points:
            if (key := _key(point)) not in self._seen:
                self._seen.add(key)
                return point
        return None

    def tell(self, asked: int, outcome: TrialOutcome) -> None:
        """See ``Sampler``. A grid does not learn."""

    @staticmethod
    def _walk(study: Study) -> Iterator[dict[str, Any]]:
        names = list(study.space)
        yield from (point for point in beginnings(study) if _whole(study, point))
        values = [grid_values(study.space[name]) for name in names]
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
            yield active(study.space, point, study.fixed)


def beginnings(study: Study) -> list[dict[str, Any]]:
    """What is tried first: the default and what is promising, as far as the space allows."""
    points = ({**study.default, **point} for point in ({}, *study.promising))
    allowed = (
        {name: v for name, v in point.items() if name in study.space and study.space[name].holds(v)} for point in points
    )
    return [point for each in allowed if (point := active(study.space, each, study.fixed))]


def grid_values(parameter: Parameter) -> list[Any]:
    """All choices, or ``GRID_POINTS`` values from low to high, evenly spaced on the parameter's scale."""
    if parameter.choice is not None:
        return list(parameter.choice.values)
    bounds, logarithmic = parameter.bounds, parameter.log_uniform is not None or parameter.log_integer is not None
    low, high = (math.log(bounds.low), math.log(bounds.high)) if logarithmic else (bounds.low, bounds.high)
    inner = [low + (high - low) * i / (GRID_POINTS - 1) for i in range(1, GRID_POINTS - 1)]
    # Rounded, so that 0.1 between 0.01 and 1 is not also tried as 0.10000000000000002.
    middle = [float(f"{math.exp(x) if logarithmic else x:.12g}") for x in inner]
    points: list[float] = [bounds.low, *middle, bounds.high]
    if parameter.integer is not None or parameter.log_integer is not None:
        return sorted({round(x) for x in points})
    return points


def suggest(trial: optuna.Trial, name: str, parameter: Parameter) -> None:
    """Draws a value of a parameter."""
    if parameter.choice is not None:
        trial.suggest_categorical(name, parameter.choice.values)
    elif (real := parameter.uniform or parameter.log_uniform) is not None:
        trial.suggest_float(name, real.low, real.high, log=parameter.log_uniform is not None)
    elif (whole := parameter.integer or parameter.log_integer) is not None:
        trial.suggest_int(name, whole.low, whole.high, log=parameter.log_integer is not None)


def _whole(study: Study, point: Mapping[str, Any]) -> bool:
    """Whether every parameter that is active beside the point's values has one."""
    values = {**study.fixed, **point}
    return all(name in point or not parameter.active(values) for name, parameter in study.space.items())


def _key(params: Mapping[str, Any]) -> str:
    return json.dumps(params, sort_keys=True)
