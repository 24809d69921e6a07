"""What a model costs to run, measured where nothing else is loaded: a fresh process on one CPU."""

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

BATCH_ROWS = 1000
SINGLE_ROWS = 100
TIMEOUT_S = 600.0


@dataclass(frozen=True)
class Cost:
    """What one model takes.

    Attributes:
        latency_ms: Median milliseconds to predict one row, its preparation included.
        latency_p99_ms: 99th percentile of the same.
        batch_latency_ms: Median milliseconds to predict BATCH_ROWS rows at once.
        memory_mb: Peak megabytes of a process that holds the model and predicts such a batch, its libraries included.
        model_mb: Megabytes of the serialised model.
    """

    latency_ms: float
    latency_p99_ms: float
    batch_latency_ms: float
    memory_mb: float
    model_mb: float


def measure(models: Sequence[Any], rows: pd.DataFrame) -> tuple[Cost | None, ...]:
    """Measures each model in a process of its own, one after the other, on one CPU and one thread.

    Args:
        models: Fitted pipelines; probabilities are asked for where they have them.
        rows: Rows of features to predict; they are repeated where there are fewer than BATCH_ROWS.

    Returns:
        A cost for each model; None for one whose process did not live to tell.
    """
    sample = rows.iloc[np.resize(np.arange(len(rows)), BATCH_ROWS)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample.to_pickle(folder / "rows")
        for i, model in enumerate(models):
            (folder / f"{i}.model").write_bytes(pickle.dumps(model, protocol=pickle.HIGHEST_PROTOCOL))
        told = subprocess.run(
            [sys.executable, "-m", "trainers.evaluation.stopwatch", name, str(len(models))],
            env=_alone(),
            stdout=subprocess.PIPE,
            check=True,
            timeout=TIMEOUT_S,
        )
    costs: tuple[Cost | None, ...] = TypeAdapter(tuple[Cost | None, ...]).validate_json(told.stdout)
    return costs


def _alone() -> dict[str, str]:
    """The environment of a process with one thread that finds the same modules."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(threads, "1"), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
