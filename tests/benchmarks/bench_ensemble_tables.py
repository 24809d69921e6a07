"""Ensembles beside the best single model of the same job, on tables that scikit-learn ships and on AI4I.

Scores are cross-validated; an ensemble's is its outer estimate. Goal: stacking and weighted are not worse than the best single
model by more than one standard error.
"""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from cluster import session
from tests.benchmarks.rows import Row
from tests.running import run_in
from trainers.report.values import Report

AI4I = Path(__file__).parents[2] / "examples/data/ai4i2020.csv"
SHIPPED = {"breast_cancer": load_breast_cancer, "wine": load_wine, "diabetes": load_diabetes}
ENSEMBLES = ("bagging", "stacking", "weighted")
NAMES = tuple(f"{kind}_{table}" for table in (*SHIPPED, "ai4i") for kind in ENSEMBLES)


def rows() -> Iterator[Row]:
    """Runs a whole job a table, on one Ray."""
    with tempfile.TemporaryDirectory() as state, session.connect(None, Path(state)) as ray:
        try:
            for table in (*SHIPPED, "ai4i"):
                with tempfile.TemporaryDirectory() as folder:
                    yield from _beside_the_best(table, _report(table, Path(folder)))
        finally:
            ray.stop()


def _beside_the_best(table: str, report: Report) -> Iterator[Row]:
    single = max((each for each in report.candidates if each.kind != "ensemble"), key=lambda each: each.mean)
    found = {each.family: each for each in report.candidates if each.kind == "ensemble"}
    for ensemble in report.ensembles:
        ours = found[ensemble.kind]
        note = (
            f"the best single model, {single.family}; gain {ensemble.gain:+.4f}, standard error {ensemble.gain_se:.4f}; "
            f"fits {ours.fit_seconds:.1f} s, the single model's search {single.fit_seconds:.1f} s; "
            f"a row {ours.latency_ms:.1f} ms and {single.latency_ms:.1f} ms; "
            f"size {ours.model_mb:.2f} MB and {single.model_mb:.2f} MB"
        )
        level = ensemble.gain >= -ensemble.gain_se
        goal = (
            f"not worse by a standard error: {'kept' if level else 'missed'}" if ensemble.kind != "bagging" else "told"
        )
        yield Row(f"{ensemble.kind}_{table}", ours.mean, single.mean, report.cross_validation.metric, goal, note)


def _report(table: str, folder: Path) -> Report:
    linear = "ridge" if table == "diabetes" else "logistic_regression"
    spec = {
        "decision": table,
        "data": _data(table, folder),
        "candidates": [{"family": name} for name in (linear, "random_forest", "hist_gradient_boosting")],
        "search": {"max_trials": 24},
        "ensembles": [{"kind": kind} for kind in ENSEMBLES],
    }
    return run_in(folder, spec)


def _data(table: str, folder: Path) -> Mapping[str, Any]:
    if table == "ai4i":
        excluded = ["UDI", "Product ID", "TWF", "HDF", "PWF", "OSF", "RNF"]
        return {"uri": str(AI4I), "target": "Machine failure", "exclude": excluded}
    SHIPPED[table](as_frame=True).frame.to_parquet(folder / "rows.parquet")
    return {"uri": str(folder / "rows.parquet"), "target": "target"}
