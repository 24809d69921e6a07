"""Rows as a training loop takes them: whole batches in an order given by the seed, each worker its share of every batch."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

# Rows that are scored together.
SCORED = 8_192


@dataclass(frozen=True)
class Examples:
    """Prepared rows; on several workers each holds them all, in one copy a machine.

    Attributes:
        X: (n, d) float32.
        y: n class indices (int64) or values (float32).
        weight: n float32 weights.
    """

    X: np.ndarray
    y: np.ndarray
    weight: np.ndarray

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Place:
    """Where a worker trains.

    Attributes:
        device: What it computes on.
        rank: Its number.
        ranks: How many there are.
    """

    device: torch.device
    rank: int = 0
    ranks: int = 1


@dataclass(frozen=True)
class Batch:
    """A worker's share of a batch.

    Attributes:
        X: (m, d).
        y: m.
        weight: m, divided by the sum of the weights of the whole batch: so that the losses of all shares add up to the
            batch's, however unevenly it is shared.
    """

    X: Tensor
    y: Tensor
    weight: Tensor


class Rows:
    """Rows of a worker: on its GPU where they fit there, or else copied batch by batch.

    Args:
        examples: The rows.
        place: Where.
    """

    def __init__(self, examples: Examples, place: Place) -> None:
        self._examples, self._place = examples, place
        self._held: tuple[Tensor, Tensor] | None = None
        if place.device.type == "cuda":
            free, _ = torch.cuda.mem_get_info(place.device)
            if 2 * examples.X.nbytes < free:
                self._held = (self._send(examples.X), self._send(examples.y))

    def batches(self, rows: int, parts: int, seed: int, epoch: int) -> Iterator[list[Batch]]:
        """An epoch's batches, all of about the same size, each in parts.

        The order depends on seed and epoch alone, so any number of workers make the same steps, and a resumed epoch is the
        epoch it would have been.

        Args:
            rows: Rows of a batch over all workers, at most.
            parts: Parts that each batch is worked through in.
            seed: Seed.
            epoch: Number of the epoch.
        """
        n, place = len(self._examples), self._place
        order = np.random.default_rng([seed, epoch]).permutation(n)
        for chosen in np.array_split(order, steps_of(n, rows)):
            total = float(self._examples.weight[chosen].sum()) or 1.0
            share = chosen[place.rank :: place.ranks]
            yield [self._batch(part, total) for part in np.array_split(share, parts)]

    def share(self) -> Iterator[Batch]:
        """The worker's share of all rows, in order; weights are not divided."""
        mine = np.arange(self._place.rank, len(self._examples), self._place.ranks)
        for start in range(0, len(mine), SCORED):
            yield self._batch(mine[start : start + SCORED], 1.0)

    def _batch(self, chosen: np.ndarray, total: float) -> Batch:
        weight = self._send(self._examples.weight[chosen] / np.float32(total))
        if self._held is not None:
            X, y = self._held
            at = self._send(chosen)
            return Batch(X[at], y[at], weight)
        return Batch(self._send(self._examples.X[chosen]), self._send(self._examples.y[chosen]), weight)

    def _send(self, values: np.ndarray) -> Tensor:
        tensor = torch.from_numpy(values if values.flags.writeable else values.copy())
        return (
            tensor
            if self._place.device.type == "cpu"
            else tensor.pin_memory().to(self._place.device, non_blocking=True)
        )


def steps_of(n: int, rows: int) -> int:
    """Steps of an epoch over n rows in batches of at most ``rows``."""
    return -(-n // rows)
