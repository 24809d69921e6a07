"""Measures saved models: ``python -m trainers.evaluation.stopwatch FOLDER COUNT``; the fresh process of ``cost.measure``.

Each model is loaded by a fork that has only what every model needs, so that no model pays for the libraries of another.
"""

import json
import multiprocessing
import os
import pickle
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from trainers.evaluation.cost import SINGLE_ROWS, Cost

WARM_UP = 3
BATCHES = 7
PATIENCE_S = 1.0  # for the single rows, and again for the batches
RSS_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes in a unit of ru_maxrss


def weigh(model: Path, rows: pd.DataFrame) -> Cost:
    """Loads a model in this process and measures it.

    Args:
        model: Pickled pipeline.
        rows: Rows to predict; all of them make a batch.
    """
    loaded = pickle.loads(model.read_bytes())
    predict = loaded.predict_proba if hasattr(loaded, "predict_proba") else loaded.predict
    single = timings(predict, [rows.iloc[[i]] for i in range(min(SINGLE_ROWS, len(rows)))])
    batches = timings(predict, [rows] * BATCHES)
    return Cost(
        latency_ms=float(np.median(single)) * 1000,
        latency_p99_ms=float(np.quantile(single, 0.99)) * 1000,
        batch_latency_ms=float(np.median(batches)) * 1000,
        memory_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * RSS_UNIT / 1e6,
        model_mb=model.stat().st_size / 1e6,
    )


def timings(predict: Callable[[pd.DataFrame], Any], inputs: list[pd.DataFrame]) -> list[float]:
    """Seconds of each prediction after a warm-up; fewer than there are inputs once PATIENCE_S is used up."""
    for given in inputs[:WARM_UP]:
        predict(given)
    seconds: list[float] = []
    for given in inputs:
        began = time.perf_counter()
        predict(given)
        seconds.append(time.perf_counter() - began)
        if sum(seconds) >= PATIENCE_S:
            break
    return seconds


def main() -> None:
    """Writes the costs to the standard output as a JSON list, null where a model's process died."""
    folder, count = Path(sys.argv[1]), int(sys.argv[2])
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = pd.read_pickle(folder / "rows")
    costs: list[dict[str, float] | None] = []
    for i in range(count):
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as process:
            try:
                costs.append(vars(process.submit(weigh, folder / f"{i}.model", rows).result()))
            except Exception as error:  # any library may raise anything; one model must not keep the others from it
                print(f"model {i} could not be measured: {error!r}", file=sys.stderr)
                costs.append(None)
    print(json.dumps(costs))


if __name__ == "__main__":
    main()
