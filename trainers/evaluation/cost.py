"""What a model costs to run: time for one row, and size."""

import pickle
import time
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

REPEATS = 50
WARM_UP = 3
PATIENCE_S = 2.0


def latency_ms(model: Any, row: pd.DataFrame) -> float:
    """Median milliseconds to predict one row on one thread, the preparation of the row included.

    Args:
        model: Fitted pipeline; probabilities are asked for where it has them.
        row: One row of features.
    """
    predict = model.predict_proba if hasattr(model, "predict_proba") else model.predict
    seconds: list[float] = []
    with threadpool_limits(limits=1):
        for _ in range(WARM_UP):
            predict(row)
        while len(seconds) < REPEATS and sum(seconds) < PATIENCE_S:
            began = time.perf_counter()
            predict(row)
            seconds.append(time.perf_counter() - began)
    return float(np.median(seconds)) * 1000


def model_mb(model: Any) -> float:
    """Megabytes of the serialised model."""
    return len(pickle.dumps(model, protocol=pickle.HIGHEST_PROTOCOL)) / 1e6
