"""Says where data may lie, and opens it."""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import unquote

import fsspec

from trainers.data.endpoints import check_endpoint, http_options
from trainers.errors import SpecError, Violation


def open_file(uri: str, roots: Sequence[str] | None) -> IO[bytes]:
    """Opens a file for reading, decompressed if its name says so (``.gz``, ``.bz2``, ``.xz``, ``.zip``).

    Args:
        uri: A path, a ``file://`` URI, or any URI that fsspec knows.
        roots: Folders and URI prefixes it must lie under; None allows any.

    Raises:
        SpecError: It lies outside the roots, does not exist or cannot be opened; the path is ``data.uri``.
    """
    location = _within(uri, roots)
    web = location.startswith(("http://", "https://"))
    options = http_options(lambda to: _permits(to, None, roots)) if web else {}
    try:
        files, path = fsspec.core.url_to_fs(location, **options)
        check_endpoint(files)
        if files.isdir(path):
            raise refused(f"{uri!r} is a folder; name one CSV or Parquet file in it")
        handle: IO[bytes] = files.open(path, "rb", compression="infer")
        return handle
    except SpecError:
        raise
    except FileNotFoundError:
        raise refused(f"{uri!r} does not exist where the job runs; check the spelling or upload the file") from None
    except Exception as error:  # every fsspec filesystem raises errors of its own
        raise refused(f"{uri!r} cannot be opened ({error}); check the location and who may read it") from error


def refused(message: str) -> SpecError:
    """The error for a location or file that cannot be used."""
    return SpecError([Violation("data.uri", message)])


def _within(uri: str, roots: Sequence[str] | None) -> str:
    """The location to open: local ones with links and ``..`` resolved, so that what is checked is what is opened."""
    local = _local_path(uri)
    location = uri if local is None else str(local)
    if not _permits(location, local, roots):
        allowed = ", ".join(map(repr, roots or ())) or "none"
        raise refused(f"{uri!r} lies outside what may be read ({allowed}); move the file there or upload it")
    return location


def _permits(location: str, local: Path | None, roots: Sequence[str] | None) -> bool:
    return roots is None or any(_lies_under(location, local, root) for root in roots)


def _lies_under(location: str, local: Path | None, root: str) -> bool:
    folder = _local_path(root)
    if local is not None or folder is not None:
        return local is not None and folder is not None and local.is_relative_to(folder)
    chained = "::" in location  # fsspec would open the inner location
    climbs = ".." in PurePosixPath(unquote(location)).parts
    return not chained and not climbs and location.startswith(root.rstrip("/") + "/")


def _local_path(uri: str) -> Path | None:
    """The resolved local path; None for a URI of another kind."""
    for scheme in ("file://", "local://"):
        if uri.startswith(scheme):
            return Path(uri.removeprefix(scheme)).resolve()
    return None if "://" in uri or "::" in uri else Path(uri).resolve()
