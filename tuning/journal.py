"""Finished folds on disk, so that a search that was killed goes on and fits none of them again.

A journal is a folder with two append-only files. ``folds.jsonl`` has a header and then a line a fold;
``predictions.npy`` has the predictions, one array in NumPy's format after the other, and a fold's line says at which byte
its array begins. An array is written before its line, so that no line points at nothing.
"""

import json
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Self

import numpy as np

from tuning.objective import FoldResult, Study

VERSION = 1
# A killed process loses nothing, as the kernel has the data; a power cut loses at most what was finished in this time.
SYNC_SECONDS = 0.5


class JournalError(Exception):
    """The journal belongs to another search; the text says what to do."""


@dataclass(frozen=True)
class FoldRecord:
    """How one fold of one configuration ended: with a score, or with the reason why there is none.

    Attributes:
        score: Greater is better; None if the fold failed.
        fit_seconds: Pure fit and predict time.
        details: What the objective told of the fold.
        reason: Why the fold failed, in a sentence; empty if it did not.
        offset: Byte at which the predictions begin; None if the fold failed.
    """

    score: float | None
    fit_seconds: float = 0.0
    details: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    offset: int | None = None


class Journal:
    """The finished folds of one search; open it with ``with``.

    Args:
        folder: Where it is kept; made if missing.
        identity: What the results depend on. A journal of another identity is refused.

    Raises:
        JournalError: The folder holds the journal of another search.
    """

    def __init__(self, folder: Path, identity: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._header = {"version": VERSION, **identity}
        self._path, self._arrays_path = folder / "folds.jsonl", folder / "predictions.npy"
        self._records: dict[str, dict[int, FoldRecord]] = {}
        self._read()
        self._lines: IO[bytes] = self._path.open("ab")
        self._arrays: IO[bytes] = self._arrays_path.open("ab")
        self._synced = time.monotonic()
        if self._lines.tell() == 0:
            self._write(self._header)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._sync()
        self._lines.close()
        self._arrays.close()

    def folds(self, study: Study, params: Mapping[str, Any]) -> list[FoldRecord]:
        """Finished folds of a configuration from fold 0 up to the first gap."""
        records = self._records.get(_key(study, params), {})
        return [records[k] for k in range(len(records)) if k in records]

    def add(self, study: Study, params: Mapping[str, Any], fold: int, result: FoldResult | str) -> FoldRecord:
        """Appends a finished fold, or the reason why it failed.

        Raises:
            TypeError: The details cannot be written as JSON.
        """
        if isinstance(result, str):
            record = FoldRecord(None, reason=result)
        else:
            offset = self._arrays.tell()
            np.save(self._arrays, result.predictions, allow_pickle=False)
            self._arrays.flush()
            details = json.loads(json.dumps(dict(result.details), default=_plain))
            record = FoldRecord(float(result.score), float(result.fit_seconds), details, offset=offset)
        key = _key(study, params)
        self._write({"trial": key, "fold": fold, "record": asdict(record), "end": self._arrays.tell()})
        self._records.setdefault(key, {})[fold] = record
        return record

    def predictions(self, study: Study, params: Mapping[str, Any]) -> list[np.ndarray]:
        """Predictions of the finished folds of a configuration, in fold order; works after closing too."""
        offsets = [record.offset for record in self.folds(study, params) if record.offset is not None]
        arrays = []
        with self._arrays_path.open("rb") as file:
            for offset in offsets:
                file.seek(offset)
                arrays.append(np.load(file, allow_pickle=False))
        return arrays

    def _read(self) -> None:
        """Takes in what is on disk and cuts off what a crash left half written at the end."""
        if not self._path.exists():
            return
        whole, stored = 0, self._arrays_path.stat().st_size if self._arrays_path.exists() else 0
        with self._path.open("rb") as file:
            for number, line in enumerate(file):
                if not line.endswith(b"\n"):
                    break
                entry = json.loads(line)
                if number == 0:
                    self._check(entry)
                elif entry["end"] > stored:
                    break
                else:
                    self._records.setdefault(entry["trial"], {})[entry["fold"]] = FoldRecord(**entry["record"])
                whole += len(line)
        os.truncate(self._path, whole)

    def _check(self, header: Mapping[str, Any]) -> None:
        for name in self._header:
            if header.get(name) != self._header[name]:
                raise JournalError(
                    f"{self._path.parent} holds the journal of another search: its {name} is {header.get(name)!r}, "
                    f"not {self._header[name]!r}. Use another folder, or delete this one to search again."
                )

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._lines.write(json.dumps(entry).encode() + b"\n")
        self._lines.flush()
        if time.monotonic() - self._synced > SYNC_SECONDS:
            self._sync()

    def _sync(self) -> None:
        os.fsync(self._arrays.fileno())
        os.fsync(self._lines.fileno())
        self._synced = time.monotonic()


def _key(study: Study, params: Mapping[str, Any]) -> str:
    return json.dumps([study.name, dict(params)], sort_keys=True, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON; use numbers, strings, lists and mappings")
