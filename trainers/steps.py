"""Tells whoever watches a run where it stands."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trainers.fits import Fit, Fitted, Outcome
from trainers.spec import TrainingSpec
from tuning.result import SearchEvent, TrialState

logger = logging.getLogger(__name__)
Emit = Callable[[Mapping[str, Any]], None]

# How long each step of a run takes beside the others, roughly.
WEIGHTS = {
    "load": 1,
    "split": 1,
    "audit": 3,
    "search": 70,
    "workers": 0,
    "ensembles": 8,
    "finalists": 5,
    "select": 1,
    "nested": 0,
    "judge": 2,
    "explain": 10,
    "report": 4,
    "publish": 3,
}


def shares(spec: TrainingSpec) -> dict[str, float]:
    """Share of a run's time by step, in the order of the steps; their sum is 1."""
    nested = WEIGHTS["search"] * spec.split.folds if spec.split.nested else 0
    weights = {**WEIGHTS, "workers": 0 if spec.compute.alone else 20, "nested": nested}
    return {step: weight / sum(weights.values()) for step, weight in weights.items()}


class Steps:
    """Announces each step of a run as it begins, times it, and keeps the progress.

    Args:
        emit: Takes the events.
        shares: Share of the time by step; one without a share is passed over in silence.
    """

    def __init__(self, emit: Emit, shares: Mapping[str, float]) -> None:
        self._emit, self._shares = emit, shares
        self._name = ""
        self._began = self._started = time.monotonic()
        self._before = self._share = 0.0
        self._seconds: dict[str, float] = {}
        self._facts: dict[str, Any] = {}

    @property
    def timings(self) -> dict[str, float]:
        """Seconds by step, the current one up to now."""
        return {**self._seconds, self._name: time.monotonic() - self._began} if self._name else {}

    def enter(self, name: str) -> None:
        """Begins a step and ends the one before."""
        if not self._shares[name]:
            return
        now = time.monotonic()
        if self._name:
            self._seconds[self._name] = now - self._began
            self._before += self._shares[self._name]
        self._name, self._began = name, now
        logger.info("%s begins", name)
        self._emit({"phase": {"phase": name}})
        self._progress(0.0)

    def within(self, share: float, **facts: Any) -> None:
        """Reports that a share (0 to 1) of the current step is done, with progress facts such as ``fits_done``."""
        self._facts.update(facts)
        self._progress(min(1.0, share))

    def fitting(self, planned: int) -> Callable[[Fit, Outcome], None]:
        """A listener for the fits of the current step, which tells of each and counts it towards ``planned``."""
        before, total = self._facts.get("fits_done", 0), self._facts.get("fits_total", 0) + planned
        told = 0

        def done(job: Fit, outcome: Outcome) -> None:
            nonlocal told
            told += 1
            end = f"fitted in {outcome.seconds:.2g} s" if isinstance(outcome, Fitted) else f"failed: {outcome.reason}"
            logger.info("%s %s", job.label, end)
            self.within(told / max(planned, told), fits_done=before + told, fits_total=max(total, before + told))

        return done

    def searched(self, event: SearchEvent) -> None:
        """Reports a trial that got further, and the search's share of the work done."""
        trial, best = event.trial, event.best
        if trial.state is not TrialState.RUNNING:
            score = "no score" if trial.mean is None else f"{trial.mean:.4g} over {len(trial.fold_scores)} folds"
            logger.info("trial %d of %s %s: %s. %s", trial.number, trial.study.name, trial.state, score, trial.reason)
        mean = {} if trial.mean is None else {"mean": trial.mean}
        self._emit(
            {
                "trial": {
                    "number": trial.number,
                    "family": trial.study.name,
                    "params": dict(trial.params),
                    "state": trial.state.value,
                    "fold_scores": list(trial.fold_scores),
                    "fit_seconds": trial.fit_seconds,
                    "reason": trial.reason,
                    **mean,
                }
            }
        )
        leader = {} if best is None else {"best_score": best.mean, "best_family": best.study.name}
        done, planned = event.fits_done, event.fits_planned
        self.within(done / planned, fits_done=done, fits_total=planned, trials_done=event.trials_done, **leader)

    def waits(self, resources: Sequence[str]) -> None:
        """Reports what the run waits for, such as ``2 x {CPU: 8}``; empty once it goes on."""
        self._facts["pending_resources"] = list(resources)
        self._progress(self._share)

    def finish(self) -> None:
        """Reports that everything is done."""
        self._before, self._name = 1.0, ""
        self._emit({"progress": {"fraction": 1.0, "remaining": 0.0, **self._facts}})

    def _progress(self, share: float) -> None:
        self._share = share
        fraction = min(1.0, self._before + share * self._shares[self._name])
        elapsed = time.monotonic() - self._started
        remaining = {"remaining": round(elapsed * (1 - fraction) / fraction, 1)} if fraction > 0.05 else {}
        self._emit({"progress": {"fraction": round(fraction, 4), **remaining, **self._facts}})
