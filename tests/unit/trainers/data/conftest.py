from collections.abc import Callable
from typing import Any
from uuid import uuid4

import fsspec
import pandas as pd
import pytest

from trainers.data.load import DataSpec, Table, load

MakeTable = Callable[..., Table]


@pytest.fixture(scope="session")
def make_table() -> MakeTable:
    """Loads a data frame as the run does; ``keys`` are no features, the rest are fields of DataSpec."""

    def make(frame: pd.DataFrame, target: str = "y", keys: tuple[str, ...] = (), **spec: Any) -> Table:
        uri = f"memory://{uuid4()}.parquet"
        with fsspec.open(uri, "wb") as file:
            frame.to_parquet(file)
        try:
            return load(DataSpec(uri=uri, target=target, **spec), keys)
        finally:
            fsspec.filesystem("memory").rm(uri)

    return make
