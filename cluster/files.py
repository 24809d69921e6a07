"""Files that others read while they are written."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Gives a path to write to, which takes the place of the file at the end: a reader finds all of it or what was before."""
    partial = path.with_name(f"{path.name}.partial")
    yield partial
    partial.replace(path)
