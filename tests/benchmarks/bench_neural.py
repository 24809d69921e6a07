"""Networks: two workers beside bare torchrun, the fixed cost of a TorchTrainer run, and AI4I beside boosting.

``TRAINWRIGHT_BENCH_ROWS`` (200,000) and ``TRAINWRIGHT_BENCH_TRIALS`` (20) make it small, to see that it runs.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from ray.train.torch import TorchTrainer
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from cluster import session
from cluster.resources import Placement
from cluster.warm import WarmPool
from tests.benchmarks.rows import Row
from trainers.candidates import search_families
from trainers.data.table import Task
from trainers.families import distributed
from trainers.families.family import Recipe, Rows, Workers
from trainers.families.neural.family import NEURAL
from trainers.plan import prepare
from trainers.spec import TrainingSpec

NAMES = ("ddp_samples_per_second", "ddp_wall", "torch_trainer_fixed_cost", "neural_vs_boosted")
HERE = Path(__file__).parent
AI4I = HERE.parents[1] / "examples/data/ai4i2020.csv"
N = int(os.environ.get("TRAINWRIGHT_BENCH_ROWS", "200000"))
TRIALS = int(os.environ.get("TRAINWRIGHT_BENCH_TRIALS", "20"))
SEARCH_S = 30  # stands for the search, in which processes are started
BATCH, EPOCHS, RANKS = 2048, 5, 2
# The layers of bare_ddp.py: 64-256-256-256-2.
LAYERS = {"width": 256, "depth": 3, "normalise": False, "dropout": 0.0}
BOOSTED = ("hist_gradient_boosting", "xgboost")


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as state, session.connect(None, Path(state), num_cpus=RANKS) as ray:
        try:
            yield from _ddp(Path(state))
            yield _fixed_cost(Path(state))
            yield _beside_boosting(Path(state))
        finally:
            ray.stop()


def _ddp(folder: Path) -> Iterator[Row]:
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N, 64)).astype(np.float32)
    y = (X @ rng.normal(size=64) > 0).astype(np.int64)
    np.savez(folder / "rows.npz", X=X, y=y)
    began = time.perf_counter()
    peer = _torchrun(folder / "rows.npz")
    peer_wall = time.perf_counter() - began
    WarmPool(3).fill()
    _fit(X[:4096], y[:4096], folder / "first")  # imports are paid, as on a service that has had a job
    WarmPool(3).fill()
    distributed.start_ahead(RANKS)  # as a job does before its search
    time.sleep(SEARCH_S)
    began = time.perf_counter()
    ours = _fit(X, y, folder / "second")
    wall = time.perf_counter() - began
    note = (
        f"torchrun, {RANKS} ranks over gloo: 64-256-256-256-2, {N:,} rows, {BATCH // RANKS:,} a rank, {EPOCHS} epochs"
    )
    yield Row("ddp_samples_per_second", ours, peer, "samples/s", ">= 0.95", f"{note}; in the loop")
    yield Row("ddp_wall", wall, peer_wall, "s", "<= 1.5", f"{note}; start-up included")


def _torchrun(file: Path) -> float:
    program = [str(HERE / "bare_ddp.py"), str(file), str(BATCH), str(EPOCHS)]
    launch = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(RANKS), *program]
    done = subprocess.run(launch, capture_output=True, text=True, check=True)
    return float(done.stdout.splitlines()[-1])


def _fit(X: np.ndarray, y: np.ndarray, folder: Path) -> float:
    """Fits on two workers and returns samples a second, as TensorBoard shows them."""
    params = {**NEURAL.default, **LAYERS, "batch_size": BATCH, "epochs": EPOCHS, "learning_rate": 1e-3}
    model = NEURAL.model(Recipe(Task.BINARY, params, (), 0, 1))
    NEURAL.fit_on_workers(model, Rows(X, y, None), _workers(folder))
    events = EventAccumulator(str(folder / "curves"))
    events.Reload()
    return float(np.mean([event.value for event in events.Scalars("samples_per_second")]))


def _workers(folder: Path) -> Workers:
    return Workers(RANKS, RANKS, {"CPU": 1.0}, Placement.PACK, 0, 0, folder / "checkpoints", folder / "curves")


def _fixed_cost(folder: Path) -> Row:
    """A run that does nothing, as tuned here and as Ray Train comes; each the second of its kind."""
    seconds = {}
    tuned = dict(distributed.TUNED)
    try:
        for name, settings in (("defaults", {}), ("tuned", tuned)):
            distributed.TUNED = settings
            for again in range(2):
                began = time.perf_counter()
                distributed.run(TorchTrainer, lambda given: None, {}, _workers(folder / name), f"nothing-{again}")
                seconds[name] = time.perf_counter() - began
    finally:
        distributed.TUNED = tuned
    note = f"Ray Train's defaults; {RANKS} workers that do nothing"
    return Row("torch_trainer_fixed_cost", seconds["tuned"], seconds["defaults"], "s", "told", note)


def _beside_boosting(folder: Path) -> Row:
    """Cross-validated score of the best of as many configurations each, over the same folds."""
    scores = {}
    for family in ("neural", *BOOSTED):
        exclude = ["UDI", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"]
        data = {"uri": str(AI4I), "target": "Machine failure", "positive_class": "1", "exclude": exclude}
        spec = {
            "decision": "d",
            "data": data,
            "split": {"stratify_on": ["Type"]},
            "candidates": [{"family": family}],
            "search": {"max_trials": TRIALS},
        }
        ready = prepare(TrainingSpec.model_validate(spec), None, lambda step: None)
        found = search_families(ready, folder / family, lambda event: None)
        best = found.best(ready.candidates[0])
        scores[family] = float(np.mean(best.fold_scores)) if best else float("nan")
    boosted = max(BOOSTED, key=lambda family: scores[family])
    note = f"{boosted}; {TRIALS} trials each, AI4I, five folds"
    return Row("neural_vs_boosted", scores["neural"], scores[boosted], "average precision", ">= 0.90", note)
