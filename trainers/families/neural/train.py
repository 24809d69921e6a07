"""A network's final fit: on several workers, or in this process with its curves as they come."""

import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import joblib
import ray
import ray.train.torch
import torch
import torch.distributed as dist
from ray import train
from ray.train.torch import TorchConfig, TorchTrainer

from cluster.nodes import ACCELERATOR
from trainers.curves import LiveCurves
from trainers.families import distributed
from trainers.families.distributed import Notices, Refusal
from trainers.families.family import Rows, Workers
from trainers.families.neural.examples import Place
from trainers.families.neural.fit import Setup, fit_here, set_up
from trainers.families.neural.loop import DivergedError, Epoch, Training
from trainers.families.neural.preflight import preflight

# A checkpoint is written after the first epoch that ends so long after the last one: to lose half a minute costs less
# than a checkpoint of each of many short epochs.
CHECKPOINT_S = 30.0
STATE = "state.pt"


def fit_on_workers(model: Any, rows: Rows, workers: Workers) -> None:
    """Fits a network on all workers together, after a short trial on one.

    The batch is divided among the workers, so any number of them makes the same steps.

    Args:
        model: Unfitted NetworkClassifier or NetworkRegressor.
        rows: Rows to fit on; each machine holds one copy of them.
        workers: What the fit may use; one without a GPU is this process.

    Raises:
        ValueError: The loss diverged, or the trial on one worker failed; the message says why.
        WorkersLostError: Workers could not be started, or were lost too often.
    """
    if workers.alone:
        with LiveCurves(workers.curves) as curves:
            fit_here(model, rows.X, rows.y, rows.weight, partial(_write, curves))
        return
    setup = set_up(model, rows)
    sent = ray.put(setup)
    if refusal := _try_on_one(setup, sent, workers):
        raise ValueError(refusal.reason)
    model.weights_, model.n_iter_ = distributed.run(
        TorchTrainer,
        _work,
        # In a list, a reference stays a reference, and each worker reads it without a copy.
        {"setup": [sent], "threads": workers.cpus, "curves": workers.curves, "checkpoint_s": CHECKPOINT_S},
        workers,
        f"neural-{joblib.hash(setup)[:16]}",
        best_by="loss",
        # NCCL refuses two workers on one GPU.
        torch_config=TorchConfig(backend="nccl" if workers.gpus >= 1 else "gloo"),
    )


def _try_on_one(setup: Setup, sent: ray.ObjectRef, workers: Workers) -> Refusal | None:
    """The trial runs on a GPU as the workers will have it, or else right here."""
    if not workers.gpus:
        return preflight(setup, workers.count)
    kind = {name: amount for name, amount in workers.bundle.items() if name.startswith(ACCELERATOR)}
    one = ray.remote(num_cpus=workers.cpus, num_gpus=workers.gpus, resources=kind, max_calls=1)(preflight)
    refusal: Refusal | None = ray.get(one.remote(sent, workers.count))
    return refusal


def _work(given: dict[str, Any]) -> Any:
    """What each worker does; the first one returns weights and epochs, or all return why they cannot go on."""
    torch.set_num_threads(given["threads"])
    setup: Setup = ray.get(given["setup"][0])
    context = train.get_context()
    place = Place(ray.train.torch.get_device(), context.get_world_rank(), context.get_world_size())
    training = setup.training(place)
    if (checkpoint := train.get_checkpoint()) is not None:
        with checkpoint.as_directory() as folder:
            training.load(torch.load(Path(folder) / STATE, weights_only=True, map_location="cpu"))
    try:
        with LiveCurves(given["curves"] if place.rank == 0 else None) as curves:
            _train(training, place, given["checkpoint_s"], curves)
    except DivergedError as error:
        return Refusal(str(error))
    return training.weights(), len(training.epochs)


def _train(training: Training, place: Place, checkpoint_s: float, curves: LiveCurves) -> None:
    """Trains to the end, with checkpoints on the way, and before a node is taken away."""
    saved, notices = time.monotonic(), Notices(partial(_agreed, place=place))
    for epoch in training.run():
        _write(curves, epoch, training)
        if notices.new() or _agreed(time.monotonic() - saved >= checkpoint_s, place):
            _save(training, epoch, place)
            saved = time.monotonic()


def _save(training: Training, epoch: Epoch, place: Place) -> None:
    """Every worker takes part; the first one writes. Ray Train knows of a checkpoint only once it is whole."""
    state, metrics = training.state(), {"epoch": epoch.number, "loss": epoch.loss}
    if place.rank > 0:
        train.report(metrics)
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.save(state, Path(folder) / STATE)
        train.report(metrics, checkpoint=train.Checkpoint.from_directory(folder))


def _agreed(due: bool, place: Place) -> bool:
    """What the first worker says, for all must write at the same epoch."""
    if place.ranks == 1:
        return due
    told = torch.tensor(int(due), device=place.device)
    dist.broadcast(told, src=0)
    return bool(told.item())


def _write(curves: LiveCurves, epoch: Epoch, training: Training) -> None:
    """Scalars and weights of an epoch; every worker takes part in gathering the weights."""
    scalars = {
        "train_loss": epoch.train_loss,
        "validation_loss": epoch.validation_loss,
        "learning_rate": epoch.learning_rate,
        "gradient_norm": epoch.gradient_norm,
        "samples_per_second": training.rows / epoch.seconds,
    }
    curves.write(
        epoch.number, {name: value for name, value in scalars.items() if value is not None}, training.weights()
    )
