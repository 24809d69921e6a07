"""The learning rate's course, from torch's own schedulers."""

from collections.abc import Mapping
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    LinearLR,
    LRScheduler,
    OneCycleLR,
    ReduceLROnPlateau,
    SequentialLR,
)

from trainers.families.neural.settings import Settings

FIRST = 0.01  # the warm-up begins with this share of the highest learning rate
LAST = 0.01  # the cosine ends with this share
# A plateau: this many epochs without a smaller loss; then the learning rate is halved.
PLATEAU_EPOCHS, PLATEAU_FACTOR = 5, 0.5


class Schedule:
    """Sets the learning rate after every step, and after every epoch where it depends on the loss.

    Args:
        optimizer: Whose learning rate; it begins with the highest.
        settings: Which course.
        steps: Steps of an epoch.
    """

    def __init__(self, optimizer: Optimizer, settings: Settings, steps: int) -> None:
        self._left = total = settings.epochs * steps
        warm = min(int(settings.warmup * total), total - 1)
        self._by_step = _by_step(optimizer, settings, total, warm)
        self._by_loss = None
        if settings.schedule == "plateau":
            self._by_loss = ReduceLROnPlateau(optimizer, factor=PLATEAU_FACTOR, patience=PLATEAU_EPOCHS)

    def after_step(self) -> None:
        """Goes on by one step; after the last one it stays."""
        self._left -= 1
        if self._by_step is not None and self._left > 0:
            self._by_step.step()

    def after_epoch(self, loss: float) -> None:
        """Hears the epoch's loss: that of the validation rows, or without any that of the training rows."""
        if self._by_loss is not None:
            self._by_loss.step(loss)

    def state(self) -> dict[str, Any]:
        """What :meth:`load` takes."""
        made = {"by_step": self._by_step, "by_loss": self._by_loss}
        return {"left": self._left, **{name: s.state_dict() for name, s in made.items() if s is not None}}

    def load(self, state: Mapping[str, Any]) -> None:
        """Goes on where ``state`` was taken."""
        self._left = state["left"]
        if self._by_step is not None:
            self._by_step.load_state_dict(state["by_step"])
        if self._by_loss is not None:
            self._by_loss.load_state_dict(state["by_loss"])


def _by_step(optimizer: Optimizer, settings: Settings, total: int, warm: int) -> LRScheduler | None:
    if settings.schedule == "one_cycle":
        return OneCycleLR(optimizer, settings.learning_rate, total_steps=total, cycle_momentum=False)
    rise = LinearLR(optimizer, FIRST, total_iters=warm) if warm else None
    if settings.schedule != "cosine":
        return rise
    fall = CosineAnnealingLR(optimizer, total - warm, eta_min=LAST * settings.learning_rate)
    return SequentialLR(optimizer, [rise, fall], milestones=[warm]) if rise else fall
