"""Tables on their way to the service: always one Parquet file, whatever they were."""

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Final

from trainwright.errors import InvalidSpec, MissingPackage, Violation
from trainwright.v1.dataset_service_pb2 import UploadDatasetRequest, UploadMetadata

if TYPE_CHECKING:
    import pandas as pd

_CHUNK: Final = 1 << 20
_URI: Final = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]+://|datasets/)")


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file ready to be sent.

    Attributes:
        path: Where it lies.
        display_name: Name to show.
        size_bytes: Its size.
        sha256: Digest of its bytes, in hexadecimal.
    """

    path: Path
    display_name: str
    size_bytes: int
    sha256: str

    def parts(self) -> Iterator[UploadDatasetRequest]:
        """The upload, message by message."""
        yield UploadDatasetRequest(
            metadata=UploadMetadata(display_name=self.display_name, size_bytes=self.size_bytes, sha256=self.sha256)
        )
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield UploadDatasetRequest(chunk=chunk)


def as_uri(data: object) -> str | None:
    """The location, if the data is one the service reads itself (a URI or ``datasets/{digest}``)."""
    return data if isinstance(data, str) and _URI.match(data) else None


@contextmanager
def parquet_file(data: "pd.DataFrame | str | PathLike[str]", display_name: str = "") -> Iterator[ParquetFile]:
    """Provides a table as a Parquet file, which lasts as long as the context.

    Args:
        data: A DataFrame (its index is left out), or the path of a Parquet or CSV file.
        display_name: Name to show. Default: the file's name.

    Raises:
        InvalidSpec: There is no such file, or it is no table.
        MissingPackage: The table has to be converted and pandas or pyarrow is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="trainwright-") as folder:
        converted = Path(folder) / "table.parquet"
        if not isinstance(data, str | PathLike):
            _write(data, converted)
            yield _described(converted, display_name)
            return
        path = Path(data)
        if not path.is_file():
            raise _invalid(f"there is no file {path}; give a DataFrame, a CSV or Parquet file, or a URI")
        if path.suffix.lower() in (".parquet", ".pq"):
            yield _described(path, display_name or path.name)
        else:
            _write(_read_csv(path), converted)
            yield _described(converted, display_name or path.name)


def _described(path: Path, display_name: str) -> ParquetFile:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ParquetFile(path, display_name, path.stat().st_size, digest)


def _read_csv(path: Path) -> "pd.DataFrame":
    try:
        import pandas as pd
    except ImportError:
        raise _needs_pandas("A CSV file") from None
    try:
        return pd.read_csv(path, low_memory=False)  # one type a column, as the service reads it
    except (ValueError, UnicodeDecodeError) as error:  # pandas' parser errors are ValueErrors
        raise _invalid(f"{path} cannot be read as CSV: {error}") from None


def _write(table: "pd.DataFrame", path: Path) -> None:
    if not hasattr(table, "to_parquet"):
        raise _invalid(f"must be a DataFrame, a path or a URI, not {type(table).__name__}")
    try:
        table.to_parquet(path, index=False)
    except ImportError:
        raise _needs_pandas("A DataFrame") from None
    except (ValueError, TypeError) as error:  # pyarrow's errors are ValueErrors or TypeErrors
        raise _invalid(f"cannot be written as Parquet: {error}") from None


def _invalid(problem: str) -> InvalidSpec:
    return InvalidSpec("The data cannot be uploaded.", [Violation("data", problem)])


def _needs_pandas(what: str) -> MissingPackage:
    return MissingPackage(f"{what} is sent as Parquet, which needs pandas. Run: pip install 'trainwright[pandas]'.")
