"""The training loop: one, for a fold of a search, a final fit on one GPU, and a worker among many."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from itertools import chain, count
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, mse_loss
from torch.nn.parallel import DistributedDataParallel

from trainers.families.neural import sharding
from trainers.families.neural.examples import Batch, Examples, Place, Rows, steps_of
from trainers.families.neural.network import TabularNetwork
from trainers.families.neural.schedule import Schedule
from trainers.families.neural.settings import Settings

PRECISIONS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# A loss this many times that of knowing nothing has diverged: ln k for k classes, 1 for a standardised target.
DIVERGED = 10.0
LIMIT_OF_NONE = math.inf


class DivergedError(ValueError):
    """The loss is no number any more, or far above that of knowing nothing; the message says when and what mends it."""


@dataclass(frozen=True)
class Epoch:
    """One pass over the rows.

    Attributes:
        number: From 1.
        train_loss: Mean loss of its steps, dropout and smoothing included.
        validation_loss: Mean loss over the validation rows after it; None without any.
        learning_rate: Of its last step.
        gradient_norm: Mean length of the gradient before clipping.
        seconds: Time of its steps.
    """

    number: int
    train_loss: float
    validation_loss: float | None
    learning_rate: float
    gradient_norm: float
    seconds: float

    @property
    def loss(self) -> float:
        """What is to become small."""
        return self.train_loss if self.validation_loss is None else self.validation_loss


class Training:
    """A network on its way; every worker of a fit has one and makes the same steps.

    Args:
        network: Drawn by the same seed on all workers.
        train: Rows to train on, the same on all workers.
        validation: Rows that early stopping watches, or None.
        settings: How.
        seed: Seed of the order of rows and of dropout.
        place: Where this worker trains; with several, torch.distributed must be set up.
    """

    def __init__(
        self,
        network: TabularNetwork,
        train: Examples,
        validation: Examples | None,
        settings: Settings,
        seed: int,
        place: Place,
    ) -> None:
        self._settings, self._seed, self._place = settings, seed, place
        self._network: TabularNetwork = network.to(place.device)
        self._module = _distributed(self._network, settings, place)
        self._called: Callable[[Tensor], Tensor] = torch.compile(self._module) if settings.compile else self._module
        self.rows = len(train)
        self._batch = settings.rows_a_step(len(train))
        self._rows = Rows(train, place)
        self._watched = None if validation is None else Rows(validation, place)
        self._optimizer = _optimizer(self._module, settings)
        self._schedule = Schedule(self._optimizer, settings, steps_of(len(train), self._batch))
        self._scaler = torch.amp.GradScaler(place.device.type, enabled=settings.precision == "fp16")
        self.epochs: list[Epoch] = []

    @property
    def best(self) -> Epoch:
        """The epoch with the smallest loss."""
        return min(self.epochs, key=lambda epoch: epoch.loss)

    def run(self) -> Iterator[Epoch]:
        """Trains on from where it stands, and hands out each epoch when it is done.

        Raises:
            DivergedError: The loss diverged.
        """
        last = min(self._settings.epochs, self._settings.stop_epoch)
        with _determined(self._settings.deterministic):
            while len(self.epochs) < last and not self._is_patience_over():
                epoch = self._epoch(len(self.epochs) + 1)
                _refuse_divergence(epoch, self._network.head.out_features, self._settings)
                self.epochs.append(epoch)
                self._schedule.after_epoch(epoch.loss)
                yield epoch

    def steps(self, rates: np.ndarray) -> Iterator[float]:
        """Makes one step at each learning rate and hands out its loss, for a range test; counts as no epoch."""
        batches = chain.from_iterable(self._batches(epoch) for epoch in count(1))
        for rate, parts in zip(rates, batches, strict=False):
            for group in self._optimizer.param_groups:
                group["lr"] = rate
            yield float(self._step(parts)[0])

    def weights(self) -> dict[str, np.ndarray]:
        """The weights as they are now; of a sharded network only the first worker gets them, but all take part."""
        sharded = self._place.ranks > 1 and self._settings.strategy == "fsdp"
        state = sharding.states(self._module, self._optimizer)[0] if sharded else self._network.state_dict()
        return {name: value.float().cpu().numpy().copy() for name, value in state.items()}

    def state(self) -> dict[str, Any]:
        """All that :meth:`load` needs to go on; for the first worker to keep, but all take part."""
        network, optimizer = sharding.states(self._module, self._optimizer)
        return {
            "network": network,
            "optimizer": optimizer,
            "schedule": self._schedule.state(),
            "scaler": self._scaler.state_dict(),
            "epochs": [asdict(epoch) for epoch in self.epochs],
        }

    def load(self, state: dict[str, Any]) -> None:
        """Goes on where ``state`` was taken, on any number of workers."""
        sharding.load(self._module, self._optimizer, state["network"], state["optimizer"])
        self._schedule.load(state["schedule"])
        self._scaler.load_state_dict(state["scaler"])
        self.epochs = [Epoch(**epoch) for epoch in state["epochs"]]

    def _is_patience_over(self) -> bool:
        watched = self._watched is not None and bool(self.epochs)
        return watched and len(self.epochs) - self.best.number >= self._settings.patience

    def _epoch(self, number: int) -> Epoch:
        began = time.perf_counter()
        told, steps = torch.zeros(2, dtype=torch.float64, device=self._place.device), 0
        for parts in self._batches(number):
            rate = self._optimizer.param_groups[0]["lr"]
            told += self._step(parts)
            steps += 1
        self._together(told[:1])
        train_loss, norm = (told / steps).tolist()
        seconds = time.perf_counter() - began
        return Epoch(number, train_loss, self._validate(), float(rate), norm, seconds)

    def _batches(self, epoch: int) -> Iterator[list[Batch]]:
        """An epoch's batches for training, in its own order and with its own dropout, so that a resumed epoch is the same."""
        device = self._place.device
        self._module.train()
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(int(np.random.SeedSequence([self._seed, epoch, self._place.rank]).generate_state(1)[0]))
            yield from self._rows.batches(self._batch, self._settings.accumulate, self._seed, epoch)

    def _step(self, parts: list[Batch]) -> Tensor:
        """One step over a batch, in parts; returns this worker's part of the loss, and the length of the gradient."""
        self._optimizer.zero_grad()
        whole = torch.zeros((), device=self._place.device)
        for i, part in enumerate(parts):
            with self._unshared(i < len(parts) - 1), self._automatic():
                loss = (self._losses(self._called(part.X), part.y) * part.weight).sum()
                # The gradients of the workers are averaged, but the shares of the loss add up.
                self._scaler.scale(loss * self._place.ranks).backward()  # type: ignore[no-untyped-call]
            whole += loss.detach()
        self._scaler.unscale_(self._optimizer)
        norm = nn.utils.clip_grad_norm_(self._module.parameters(), self._settings.clip_norm or LIMIT_OF_NONE)
        self._scaler.step(self._optimizer)
        self._scaler.update()
        self._schedule.after_step()
        return torch.stack([whole, norm.full_tensor() if hasattr(norm, "full_tensor") else norm]).double()

    def _validate(self) -> float | None:
        if self._watched is None:
            return None
        self._module.eval()
        told = torch.zeros(2, dtype=torch.float64, device=self._place.device)
        with torch.inference_mode(), self._automatic():
            for batch in self._watched.share():
                losses = self._losses(self._network(batch.X), batch.y, smoothing=0.0)
                told += torch.stack([(losses * batch.weight).sum(), batch.weight.sum()]).double()
        self._together(told)
        total, weight = told.tolist()
        return float(total / weight)

    def _losses(self, outputs: Tensor, y: Tensor, smoothing: float | None = None) -> Tensor:
        """Loss of each row, in single precision."""
        outputs = outputs.float()
        if not y.is_floating_point():
            share = self._settings.label_smoothing if smoothing is None else smoothing
            return cross_entropy(outputs, y, reduction="none", label_smoothing=share)
        return mse_loss(outputs[:, 0], y, reduction="none")

    def _automatic(self) -> AbstractContextManager[Any]:
        precision = self._settings.precision
        return torch.autocast(self._place.device.type, PRECISIONS[precision], enabled=precision != "fp32")

    def _unshared(self, more_follows: bool) -> AbstractContextManager[Any]:
        """Gradients are exchanged once a batch, with its last part; a sharded network exchanges them with each."""
        module = self._module
        return module.no_sync() if more_follows and isinstance(module, DistributedDataParallel) else nullcontext()

    def _together(self, told: Tensor) -> None:
        """Adds up what all workers have to tell."""
        if self._place.ranks > 1:
            dist.all_reduce(told)


def _distributed(network: TabularNetwork, settings: Settings, place: Place) -> nn.Module:
    if place.ranks == 1:
        return network
    return DistributedDataParallel(network) if settings.strategy == "ddp" else sharding.shard(network)


def _optimizer(network: nn.Module, settings: Settings) -> torch.optim.Optimizer:
    """AdamW (Loshchilov & Hutter, ICLR 2019), which lets biases, normalisation and frequencies be."""
    decayed: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, weight in network.named_parameters():
        (decayed if weight.ndim == 2 and name.endswith("weight") else others).append(weight)
    groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def _refuse_divergence(epoch: Epoch, outputs: int, settings: Settings) -> None:
    ignorance = math.log(outputs) if outputs > 1 else 1.0
    if math.isfinite(epoch.train_loss) and epoch.train_loss < DIVERGED * ignorance:
        return
    raise DivergedError(
        f"The loss was {epoch.train_loss:.3g} in epoch {epoch.number}, where {ignorance:.3g} is that of knowing nothing: "
        f"training diverged at learning rate {epoch.learning_rate:.2g} and a gradient of length {epoch.gradient_norm:.3g}. "
        f"Lower learning_rate (it is {settings.learning_rate:g}) or clip_norm (it is {settings.clip_norm})"
        f"{', or use precision bf16 or fp32' if settings.precision == 'fp16' else ''}."
    )


@contextmanager
def _determined(asked: bool) -> Iterator[None]:
    """Refuses operations whose sums have no fixed order, while it is asked for."""
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(asked or before)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
