"""Runs a training function on several workers with Ray Train, whatever it trains.

A lost worker or node is replaced, and the fit goes on from its last checkpoint; a preemption counts apart, and its notice is
time for a checkpoint. What the caller can mend, such as a loss that diverges, the function returns as a :class:`Refusal`:
Ray Train would retry whatever it raises.
"""

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ray import train
from ray._common.constants import RAY_WARN_BLOCKING_GET_INSIDE_ASYNC_ENV_VAR
from ray.train import CheckpointConfig, FailureConfig, RunConfig, ScalingConfig
from ray.train.v2._internal.callbacks.placement_group_callback import PlacementGroupCleanerCallback
from ray.train.v2._internal.constants import get_env_vars_to_propagate
from ray.train.v2.api.data_parallel_trainer import DataParallelTrainer
from ray.train.v2.api.exceptions import TrainingFailedError

from cluster import warm
from cluster.resources import describe, place
from trainers.families.family import Workers, WorkersLostError

# Ray Train looks after its workers this often, so that a short fit does not wait out the 2 s that are its own default.
# Whoever sets other values is heard.
TUNED = {"RAY_TRAIN_HEALTH_CHECK_INTERVAL_S": "0.2", "RAY_TRAIN_METRICS_ENABLED": "0"}
# A cluster that gave no workers in time gets two more chances, since it learns late of a lost node; Ray Train's own default
# tries for ever.
STARTS = 2
LOOK_S = 1.0  # workers ask so often whether a node of theirs is to be taken away: to ask makes all wait for all


@dataclass(frozen=True)
class Refusal:
    """Why a fit cannot be done, in sentences for whoever asked for it."""

    reason: str


class Notices:
    """Notices that a node with workers is about to be taken away, such as a spot instance.

    Args:
        agreed: Makes all workers take the answer of the first one; called by all of them at the same times.
    """

    def __init__(self, agreed: Callable[[bool], bool]) -> None:
        self._agreed, self._looked = agreed, time.monotonic()
        self._known: Any = None

    def new(self) -> bool:
        """Whether there is a notice that was not told before; the same on all workers, all of which must ask."""
        if not self._agreed(time.monotonic() - self._looked >= LOOK_S):
            return False
        found, self._looked = train.get_preemption_info(), time.monotonic()
        fresh = found is not None and found != self._known
        self._known = found
        return fresh


def run(
    trainer: type[DataParallelTrainer],
    function: Callable[[dict[str, Any]], Any],
    given: Mapping[str, Any],
    workers: Workers,
    name: str,
    best_by: str | None = None,
    **settings: Any,
) -> Any:
    """Runs a function on all workers and returns what the first of them returned.

    Args:
        trainer: Ray Train's trainer of the library.
        function: What every worker does. It reports checkpoints, and begins with the last one where there is one.
        given: What the function is given; references into the object store stand for what is large.
        workers: How many, and what each may use.
        name: Tells this fit from every other in the folder of checkpoints: a fit of a name that is there goes on from it.
        best_by: Reported number of which the checkpoint with the smallest is kept beside the last; None keeps the last two.
        settings: More arguments of the trainer.

    Raises:
        ValueError: The function refused; the message says why.
        WorkersLostError: Workers could not be started, or were lost more often than is allowed.
    """
    training = _without_cleaner(trainer)(
        function,
        train_loop_config=dict(given),
        scaling_config=_scaling(workers),
        run_config=RunConfig(
            name=name,
            storage_path=str(workers.checkpoints.resolve()),
            failure_config=FailureConfig(
                max_failures=workers.max_failures,
                max_preemption_failures=workers.max_preemptions,
                controller_failure_limit=STARTS,
            ),
            checkpoint_config=CheckpointConfig(
                num_to_keep=2, checkpoint_score_attribute=best_by, checkpoint_score_order="min"
            ),
        ),
        **settings,
    )
    workers.checkpoints.mkdir(parents=True, exist_ok=True)
    try:
        with _tuned():
            returned = training.fit().return_value
    except TrainingFailedError as error:
        raise WorkersLostError(_told(error, workers)) from error
    if isinstance(returned, Refusal):
        raise ValueError(returned.reason)
    return returned


def start_ahead(workers: int) -> None:
    """Has the processes of a later :func:`run` started on this node and their imports done, without waiting.

    They are no gain for a run that begins at once, since its own imports share the same CPUs, but for one that follows on a
    search. Where Ray comes to write environments in other words they are not taken, and end unused.

    Args:
        workers: How many workers the run will have.
    """
    with _tuned():
        added = {RAY_WARN_BLOCKING_GET_INSIDE_ASYNC_ENV_VAR: "0", **get_env_vars_to_propagate()}
    environment = {"env_vars": dict(sorted(added.items()))}
    # Ray writes the environment of what an actor makes anew, without spaces: the controller's workers are such.
    warm.start_ahead([json.dumps(environment), *[json.dumps(environment, separators=(",", ":"))] * workers])


def _without_cleaner(trainer: type[DataParallelTrainer]) -> type[DataParallelTrainer]:
    """The trainer without the actor that frees what a run that was killed had reserved.

    That actor asks Ray's dashboard: where there is none it frees nothing, and every run waits 12 s for it to end. See
    ``cluster/reservations.py`` for what frees instead.
    """

    class Trainer(trainer):
        def _create_default_callbacks(self) -> list[Any]:
            return [
                each
                for each in super()._create_default_callbacks()
                if not isinstance(each, PlacementGroupCleanerCallback)
            ]

    return Trainer


def _scaling(workers: Workers) -> ScalingConfig:
    return ScalingConfig(
        num_workers=workers.count if workers.least == workers.count else (workers.least, workers.count),
        use_gpu=workers.gpus > 0,
        resources_per_worker=dict(workers.bundle),
        placement_strategy=workers.placement.value.upper(),
        label_selector=dict(place(workers.bundle).labels) or None,
    )


@contextmanager
def _tuned() -> Iterator[None]:
    """Ray Train takes these settings from the environment alone, and hands them to its controller."""
    ours = {name: value for name, value in TUNED.items() if name not in os.environ}
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in ours:
            del os.environ[name]


def _told(error: TrainingFailedError, workers: Workers) -> str:
    wanted = f"{workers.count} workers with {describe(workers.bundle)} each"
    first = str(error).strip().splitlines()[-1][:300]
    return (
        f"A fit on {wanted} was given up: {first} Its last checkpoint is in {workers.checkpoints}, and a rerun goes on from it; "
        f"if workers are lost again, lower compute.workers or raise compute.max_failures."
    )
