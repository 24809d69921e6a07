"""The saved model works where this project is not installed: in a fresh environment with its listed requirements alone."""

import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from xgboost import XGBClassifier

from trainers import tracking
from trainers.portable.columns import Categories, Numbers
from trainers.portable.decision import DecidingClassifier
from trainers.portable.rules import Cut

PROGRAM = """
import importlib.util, json, sys
assert importlib.util.find_spec("trainers") is None, "the project is installed here; this proves nothing"
import mlflow, pandas as pd
folder = sys.argv[1]
rows = pd.read_parquet(folder + "/rows.parquet").astype({"site": object})
served, model = mlflow.pyfunc.load_model(folder + "/model"), mlflow.sklearn.load_model(folder + "/model")
print(json.dumps({
    "served": list(served.predict(rows)),
    "labels": list(model.predict(rows)),
    "probabilities": model.predict_proba(rows)[:, 1].tolist(),
    "threshold": model.rule.threshold,
}))
"""


def installed(folder: Path, requirements: Path) -> Path:
    """A new environment with the requirements; returns its Python."""
    python = folder / "bin" / "python"
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    venv.create(folder, with_pip=uv is None)
    install = [uv, "pip", "install", "--python", python] if uv else [python, "-m", "pip", "install"]
    subprocess.run([*install, "--quiet", "-r", requirements], check=True)
    return python


@pytest.mark.timeout(900)
def test_the_model_decides_the_same_without_this_project(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"speed": random.normal(size=200), "site": random.choice(["a", "b"], 200).astype(object)})
    rows.loc[:3, "speed"] = np.nan
    rows.loc[2:5, "site"] = None
    target = ((rows["speed"].fillna(0) > 1) & (rows["site"] == "a")).to_numpy().astype(int)
    encode = make_pipeline(Categories(), OneHotEncoder(handle_unknown="ignore"))
    columns = make_column_transformer((encode, ["site"]), (Numbers(), ["speed"]))
    fitted = make_pipeline(columns, XGBClassifier(n_estimators=5)).fit(rows, target)
    model = DecidingClassifier(fitted, ["good", "fails"], Cut(0.3))
    tracking.save_model(model, rows.tail(), tmp_path / "model")
    rows.to_parquet(tmp_path / "rows.parquet")

    python = installed(tmp_path / "env", tmp_path / "model" / "requirements.txt")
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([python, "-c", PROGRAM, tmp_path], cwd=tmp_path, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])

    expected = list(model.predict(rows))
    assert set(expected) == {"good", "fails"}
    assert found["served"] == found["labels"] == expected
    assert found["probabilities"] == pytest.approx(model.predict_proba(rows)[:, 1].tolist())
    assert found["threshold"] == 0.3
