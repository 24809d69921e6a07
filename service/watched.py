"""A YAML file of the operator's that may change while the service runs."""

import logging
from pathlib import Path
from typing import Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
logger = logging.getLogger(__name__)


class Watched(Generic[M]):
    """The content of a file, read again when it has changed; a version that cannot be read leaves the one before in force.

    Args:
        path: YAML.
        model: What it must hold.
        what: What its entries are called, such as ``callers``.

    Raises:
        ValueError: The file cannot be read at the start.
    """

    def __init__(self, path: Path, model: type[M], what: str) -> None:
        self._path, self._model, self._what = path, model, what
        self._stamp = self._read_stamp()
        self._content = self._read()

    def current(self) -> M:
        """The content now."""
        if (stamp := self._read_stamp()) != self._stamp:
            self._stamp = stamp
            try:
                self._content = self._read()
            except ValueError as error:
                logger.error("the %s stay as they were: %s", self._what, error)
        return self._content

    def _read_stamp(self) -> tuple[int, int]:
        try:
            found = self._path.stat()
            return found.st_mtime_ns, found.st_size
        except OSError:
            return 0, 0

    def _read(self) -> M:
        try:
            return self._model.model_validate(yaml.safe_load(self._path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ValueError(f"the file of {self._what} {self._path} cannot be read: {error}") from None
        except ValidationError as error:
            told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False))
            raise ValueError(f"the file of {self._what} {self._path} is not as it must be: {told}") from None
