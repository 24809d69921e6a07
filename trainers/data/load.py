"""Reads the table and gives every column its meaning."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from pydantic import BaseModel, Field, field_validator

from trainers.data.columns import read_columns, unknown_column
from trainers.data.read import read_frame
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.data.target import read_target
from trainers.errors import SpecError, Violation
from trainers.redaction import holds_secret

__all__ = ["Column", "ColumnRole", "DataSpec", "Table", "Task", "load"]


class DataSpec(BaseModel, frozen=True, extra="forbid"):
    """The table and the meaning of its columns; the field comments are in proto/trainwright/v1/spec.proto."""

    uri: str = Field(min_length=1)
    target: str = Field(min_length=1)
    positive_class: str | None = None
    exclude: tuple[str, ...] = ()
    task: Task | None = None
    roles: Mapping[str, ColumnRole] = {}

    @field_validator("uri")
    @classmethod
    def _without_secrets(cls, uri: str) -> str:
        if holds_secret(uri):
            raise ValueError(
                "carries a password or a signature, which would be kept with the job; leave it out, and give the cluster its"
                " credentials (environment or profile), or upload the file"
            )
        return uri


def load(spec: DataSpec, keys: Sequence[str] = (), roots: Sequence[str] | None = None) -> Table:
    """Reads the table.

    Args:
        spec: Location and meaning.
        keys: Columns that only say how rows belong together (groups, times, ids); they are no features.
        roots: Folders and URI prefixes the location must lie under; None allows any.

    Returns:
        The table.

    Raises:
        SpecError: The location, the file, or a column is not what the spec says; paths are ``data.*``.
    """
    frame = read_frame(spec.uri, roots)
    unknown = list(_unknown_columns(spec, frame.columns))
    if unknown:
        raise SpecError(unknown)
    target = read_target(frame[spec.target], spec.task, spec.positive_class)
    no_features = {spec.target, *spec.exclude, *keys}
    candidates = [name for name in frame.columns if name not in no_features]
    features, columns, omitted = read_columns(frame[candidates], spec.roles)
    if not columns:
        raise SpecError(
            [Violation("data.exclude", f"leaves no feature of the {frame.shape[1]} columns; exclude fewer")]
        )
    return Table(
        uri=spec.uri,
        features=features,
        target=target.values,
        task=target.task,
        classes=target.classes,
        columns=columns,
        keys=frame,
        target_name=spec.target,
        fingerprint=_fingerprint(frame),
        omitted=omitted,
    )


def _unknown_columns(spec: DataSpec, columns: pd.Index) -> Iterator[Violation]:
    named = [("data.target", spec.target)]
    named += [(f"data.exclude[{i}]", name) for i, name in enumerate(spec.exclude)]
    named += [(f"data.roles[{name}]", name) for name in spec.roles]
    return (unknown_column(field, name, columns) for field, name in named if name not in columns)


def _fingerprint(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for name, column in frame.items():
        digest.update(f"{name}\0{column.dtype}\0{len(column)}\0".encode())
        values = (
            column.map(repr, na_action="ignore") if column.dtype == object else column
        )  # objects may be of mixed types
        digest.update(pd.util.hash_pandas_object(values, index=False).to_numpy().tobytes())
    return digest.hexdigest()
