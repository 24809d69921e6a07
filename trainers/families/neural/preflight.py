"""A short trial on one worker before many are asked for: shapes, memory, and whether the loss falls on one batch."""

import math
from dataclasses import replace

import torch

from trainers.families.distributed import Refusal
from trainers.families.neural.examples import Examples
from trainers.families.neural.fit import Setup, here
from trainers.families.neural.loop import DivergedError

STEPS = 20


def preflight(setup: Setup, workers: int) -> Refusal | None:
    """Trains on one worker's share of one batch; None when the loss fell.

    Args:
        setup: What training begins with.
        workers: How many will share a batch.
    """
    settings = setup.settings
    batch = settings.rows_a_step(len(setup.train))
    share = max(1, math.ceil(batch / workers))
    few = Examples(*(values[:share].copy() for values in vars(setup.train).values()))
    trial = replace(
        setup,
        train=few,
        settings=replace(
            settings, epochs=STEPS, stop_epoch=STEPS, patience=STEPS, batch_size=share, schedule="constant", warmup=0.0
        ),
    )
    try:
        epochs = list(trial.training(here(), few).run())
    except DivergedError as error:
        return Refusal(f"A trial on one batch failed. {error}")
    except torch.OutOfMemoryError:
        return Refusal(
            f"A worker's share of a batch, {share} rows, does not fit into its GPU: lower batch_size (a batch has {batch} rows), "
            f"or raise accumulate (it is {settings.accumulate})."
        )
    before, after = epochs[0].train_loss, epochs[-1].loss
    if after < before:
        return None
    return Refusal(
        f"In {STEPS} steps on one batch the loss did not fall, but went from {before:.3g} to {after:.3g}: lower learning_rate "
        f"(it is {settings.learning_rate:g}) or weight_decay (it is {settings.weight_decay:g})."
    )
