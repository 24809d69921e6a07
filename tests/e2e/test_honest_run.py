"""A run on rare positives, resampled, with nested cross-validation; then the same again from its own report."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from trainers.report.values import Report

FOLDS = 3


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a table of 8 % positives, its spec, and the output of a first run."""
    folder = tmp_path_factory.mktemp("rare")
    rng = np.random.default_rng(0)
    x = rng.normal(size=(600, 3))
    risk = 1 / (1 + np.exp(3.5 - 2 * x[:, 0]))
    frame = pd.DataFrame(x, columns=["heat", "wear", "load"]).round(4)
    frame.assign(fault=(rng.random(600) < risk).astype(int)).to_csv(folder / "parts.csv", index=False)
    spec = {
        "decision": "stop the part",
        "data": {"uri": str(folder / "parts.csv"), "target": "fault"},
        "split": {"folds": FOLDS, "nested": True},
        "candidates": [{"family": "logistic_regression"}, {"family": "decision_tree"}],
        "search": {"algorithm": "random", "max_trials": 4},
        "resample": {"method": "smote"},
    }
    (folder / "spec.yaml").write_text(yaml.safe_dump(spec))
    return folder


def run(folder: Path, ray_address: str, source: str, out: str) -> Report:
    command = [sys.executable, "-m", "trainers", str(folder / source), "--out", str(folder / out)]
    command += ["--openings", str(folder / "openings")]
    environment = {**os.environ, "RAY_ADDRESS": ray_address}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return Report.from_json((folder / out / "report.json").read_text())


def test_the_search_is_judged_without_each_fold_and_the_rerun_is_equal(rare: Path, ray_address: str) -> None:
    first = run(rare, ray_address, "spec.yaml", "first")
    outer = first.nested
    assert outer is not None
    assert [fold.fold for fold in outer.folds] == list(range(FOLDS))
    own = [first.cross_validation.folds[fold.fold] for fold in outer.folds]
    assert outer.optimism == pytest.approx(np.mean(own) - outer.mean)
    assert outer.agreement * FOLDS == sum(fold.family == outer.family for fold in outer.folds)
    assert any("nested cross-validation" in paragraph for paragraph in first.explanation)

    assert first.calibration is not None
    assert first.calibration.uncorrected is not None
    assert first.calibration.corrected.expected_error < first.calibration.uncorrected.expected_error
    for fold in first.split.folds:
        assert len(set(fold.resampled_class_counts.values())) == 1
        assert len(set(fold.train_class_counts.values())) == 2

    again = run(rare, ray_address, "first/report.json", "second")
    [verdict] = [finding for finding in again.findings if finding.code.startswith("RERUN")]
    assert verdict.code == "RERUN_EQUAL", json.dumps(verdict.evidence, indent=1)
    assert again.nested == outer
    assert [len(report.split.openings) for report in (first, again)] == [1, 2]
