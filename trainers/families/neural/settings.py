"""How a network is trained."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

# Without a batch size: about this many batches an epoch, of a power of two rows between the bounds.
BATCHES = 30
SMALLEST, LARGEST = 16, 1024


@dataclass(frozen=True)
class Settings:
    """Parameters of the family that concern training; the contract of names, values and defaults is the family's.

    Attributes:
        epochs: Length of the learning rate's course, and most epochs.
        stop_epoch: Epochs that are made, if fewer; early stopping finds it.
        patience: Epochs without a smaller validation loss that end a fit.
        batch_size: Rows a step, over all workers together; None chooses by the number of rows.
        accumulate: Parts that each batch is worked through in, to save memory; the step is the same.
        learning_rate: Highest learning rate.
        schedule: "cosine", "plateau", "one_cycle" or "constant".
        warmup: Share of the epochs in which the learning rate rises to its highest; one_cycle has its own rise.
        weight_decay: Of AdamW, for matrices only.
        clip_norm: Gradients longer than this are shortened to it; None leaves them.
        label_smoothing: Share of the target that is spread over all classes.
        precision: "fp32", "bf16" or "fp16", the latter with scaling of the loss.
        strategy: "ddp" keeps the whole model on every worker, "fsdp" a share of it.
        compile: Whether torch compiles the network.
        deterministic: Whether operations without a fixed order of sums are refused.
    """

    epochs: int
    stop_epoch: int
    patience: int
    batch_size: int | None
    accumulate: int
    learning_rate: float
    schedule: str
    warmup: float
    weight_decay: float
    clip_norm: float | None
    label_smoothing: float
    precision: str
    strategy: str
    compile: bool
    deterministic: bool

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Settings":
        """Picks the training parameters out of all."""
        return cls(**{field.name: params[field.name] for field in fields(cls)})

    def rows_a_step(self, rows: int) -> int:
        """Rows of a batch, never more than there are."""
        fitting = 2 ** max(0, (rows // BATCHES).bit_length() - 1)
        wanted = self.batch_size or min(max(fitting, SMALLEST), LARGEST)
        return min(wanted, rows)
