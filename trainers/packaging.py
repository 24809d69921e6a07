"""What a saved model carries, so that it loads without this project: types to trust, code, and pinned packages."""

import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import skops.io
from skops.io.exceptions import UnsupportedTypeException

import trainers

# Libraries a fitted pipeline may hold objects of; types from elsewhere are not written with skops.
FAMILY_LIBRARIES = ("xgboost", "lightgbm", "catboost")
TRUSTED = (
    "sklearn.",
    "trainers.portable.",
    "numpy.dtype",
    "collections.OrderedDict",
    "functools.partial",  # what it wraps is checked by itself
    *(f"{name}." for name in FAMILY_LIBRARIES),
)


def skops_types(estimator: Any) -> list[str] | None:
    """The types beyond skops' own that a reader must trust; None when skops cannot write the estimator."""
    try:
        types = [str(name) for name in skops.io.get_untrusted_types(data=skops.io.dumps(estimator))]
    except (UnsupportedTypeException, TypeError, AttributeError):
        return None
    return types if all(name.startswith(TRUSTED) for name in types) else None


def portable_code(staging: Path) -> str:
    """Copies the estimators of ``trainers.portable`` to a folder, to travel with a model; returns the folder of the code."""
    source, target = Path(trainers.__file__).parent, staging / "trainers"
    shutil.copytree(source / "portable", target / "portable", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(source / "__init__.py", target)
    return str(target)


def requirements(serialization: str, types: Sequence[str] | None) -> list[str]:
    """Pins what loading needs. With cloudpickle every loaded family library counts: what is inside is unknown."""
    needed = ["mlflow", "scikit-learn", "numpy", "pandas", serialization]
    for library in FAMILY_LIBRARIES:
        held = library in sys.modules if types is None else any(name.startswith(f"{library}.") for name in types)
        if held:
            needed.append(packages_distributions()[library][0])
    return [f"{name}=={version(name)}" for name in needed]
