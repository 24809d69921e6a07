"""Reads a CSV or Parquet file into a data frame."""

from collections.abc import Sequence

import pandas as pd
import pyarrow as pa

from trainers.data.locations import open_file, refused

PARQUET_MAGIC = b"PAR1"


def read_frame(uri: str, roots: Sequence[str] | None) -> pd.DataFrame:
    """Reads the file; its first bytes, not its name, say whether it is Parquet.

    A nameless last column without any value, the mark of lines that end with a comma, is dropped.

    Raises:
        SpecError: The file cannot be read or holds no rows; the path is ``data.uri``.
    """
    with open_file(uri, roots) as file:
        try:
            is_parquet = file.read(len(PARQUET_MAGIC)) == PARQUET_MAGIC
            file.seek(0)
            frame = pd.read_parquet(file) if is_parquet else pd.read_csv(file, low_memory=False)
        except pd.errors.EmptyDataError:
            raise refused(f"{uri!r} is empty; give a file with a header and rows") from None
        except UnicodeDecodeError as error:
            raise refused(f"{uri!r} is neither Parquet nor UTF-8 text ({error}); save it as one of them") from error
        except (pd.errors.ParserError, pa.ArrowException, OSError, ValueError) as error:
            kind = "Parquet" if is_parquet else "CSV"
            raise refused(f"{uri!r} cannot be read as {kind} ({error}); check that the file is whole") from error
    frame = frame.loc[:, [not _is_trailing_blank(frame, i) for i in range(frame.shape[1])]]
    frame.columns = frame.columns.map(str)
    repeated = frame.columns[frame.columns.duplicated()]
    if len(repeated):
        raise refused(f"{uri!r} has more than one column named {repeated[0]!r}; give each a name of its own")
    if frame.empty:
        raise refused(f"{uri!r} has a header but no rows; give a file with rows")
    return frame.reset_index(drop=True)


def _is_trailing_blank(frame: pd.DataFrame, i: int) -> bool:
    last = i == frame.shape[1] - 1
    name = str(frame.columns[i]).strip()
    return last and name in ("", f"Unnamed: {i}") and bool(frame.iloc[:, i].isna().all())
