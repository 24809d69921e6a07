"""What must be equal to get the same numbers again."""

import hashlib
import json
import os
import platform
from importlib.metadata import PackageNotFoundError, version

from trainers.report.values import Manifest
from trainers.spec import TrainingSpec

# Packages whose version can change a score.
DECIDING = (
    "scikit-learn",
    "numpy",
    "pandas",
    "scipy",
    "imbalanced-learn",
    "optuna",
    "ray",
    "xgboost-cpu",
    "lightgbm",
    "catboost",
)


def manifest(spec: TrainingSpec, data_fingerprint: str, split_digest: str) -> Manifest:
    """The manifest of a run in this environment. Where the table lies does not count: its fingerprint does."""
    text = json.dumps(spec.model_dump(mode="json", exclude={"tracking": True, "data": {"uri"}}), sort_keys=True)
    return Manifest(
        spec_digest=hashlib.sha256(text.encode()).hexdigest(),
        data_fingerprint=data_fingerprint,
        split_digest=split_digest,
        seed=spec.split.seed,
        code_version=code_version(),
        packages=packages(),
        hardware={
            "processor": platform.processor() or platform.machine(),
            "cores": str(os.cpu_count()),
            "system": platform.platform(),
        },
    )


def code_version() -> str:
    """Version of this code."""
    return version("trainwright-server")


def packages() -> dict[str, str]:
    """Versions of the installed packages that decide results."""
    found = {}
    for name in DECIDING:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue  # an extra that is not installed
    return found
