"""What must be equal to get the same numbers again, and what of it differs between two runs."""

import hashlib
import json
import os
import platform
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from trainers.report.values import DataSummary, Manifest
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


def manifest(spec: TrainingSpec, data: DataSummary, split_digest: str) -> Manifest:
    """The manifest of a run in this environment. Where the table lies does not count: its fingerprint does."""
    values = spec.model_dump(mode="json", exclude_none=True)
    return Manifest(
        spec_digest=hashlib.sha256(json.dumps(_deciding(values), sort_keys=True).encode()).hexdigest(),
        data_fingerprint=data.fingerprint,
        split_digest=split_digest,
        seed=spec.split.seed,
        code_version=code_version(),
        packages=packages(),
        hardware={
            "processor": platform.processor() or platform.machine(),
            "cores": str(os.cpu_count()),
            "system": platform.platform(),
        },
        spec=values,
        data_rows=data.rows,
        data_columns={column.name: column.dtype for column in data.columns},
    )


def differences(recorded: Manifest, now: Manifest) -> tuple[str, ...]:
    """One sentence for each recorded thing that differs now and can change results; none when nothing does."""
    return tuple(_differences(recorded, now))


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


def _differences(recorded: Manifest, now: Manifest) -> Iterator[str]:
    if recorded.spec_digest != now.spec_digest:
        for path, was, became in spec_changes(recorded, now):
            yield f"Spec field {path} was {was or 'left out'} and is now {became or 'left out'}."
    yield from circumstances(recorded, now)


def spec_changes(recorded: Manifest, now: Manifest) -> Iterator[tuple[str, str, str]]:
    """Every value of the spec that differs and can change results: path, value before, value now; empty where there is none."""
    before, after = (dict(_leaves(_deciding(each.spec))) for each in (recorded, now))
    for path in sorted({*before, *after}):
        was, became = str(before.get(path, "")), str(after.get(path, ""))
        if was != became:
            yield path, was, became


def circumstances(recorded: Manifest, now: Manifest) -> Iterator[str]:
    """One sentence for each thing beside the spec that differs and can change results."""
    if recorded.data_fingerprint != now.data_fingerprint:
        yield from _table(recorded, now)
    elif recorded.split_digest != now.split_digest:
        yield "The rows are assigned to other sides or folds."
    if recorded.code_version != now.code_version:
        yield f"The code was version {recorded.code_version} and is now {now.code_version}."
    yield from _changes("", recorded.packages, now.packages, "not installed")
    yield from _changes("the ", recorded.hardware, now.hardware, "not recorded")


def _table(recorded: Manifest, now: Manifest) -> Iterator[str]:
    """What of the table changed: its rows, its columns, or else its values."""
    told = list(_changes("column ", recorded.data_columns, now.data_columns, "not there"))
    if recorded.data_rows != now.data_rows:
        told.append(f"The table had {recorded.data_rows:,} rows and has now {now.data_rows:,}.")
    yield from told or ["Values in the table have changed; its rows and columns are the same in number and type."]


def _changes(kind: str, before: Mapping[str, Any], now: Mapping[str, Any], absent: str) -> Iterator[str]:
    for name in sorted({*before, *now}):
        was, became = before.get(name, absent), now.get(name, absent)
        if was != became:
            text = f"{kind}{name} was {was} and is now {became}."
            yield text[0].upper() + text[1:] if kind else text


def _deciding(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a spec that decides results: not where the table lies, where they are kept, or what they are compared with."""
    data = {name: value for name, value in spec.get("data", {}).items() if name != "uri"}
    return {**{name: value for name, value in spec.items() if name not in ("tracking", "parent")}, "data": data}


def _leaves(values: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value with its path, such as ``split.stratify_on[0]`` or, for what has a name, ``candidates[svm].params.C``."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            yield from _leaves(value, f"{path}.{name}" if path else str(name))
    elif isinstance(values, list | tuple):
        for i, value in enumerate(values):
            name = value.get("kind") or value.get("family") if isinstance(value, Mapping) else None
            yield from _leaves(value, f"{path}[{name or i}]")
    else:
        yield path, values
