import hashlib
import sys

import pandas as pd
import pytest

from trainwright.errors import InvalidSpec, MissingPackage
from trainwright.upload import as_uri, parquet_file

TABLE = pd.DataFrame({"a": [1.5, None], "y": ["no", "yes"]})


@pytest.mark.parametrize("uri", ["s3://b/t.parquet", "file:///t.csv", "gs://b/t", "datasets/0af3"])
def test_a_uri_is_left_to_the_service(uri):
    assert as_uri(uri) == uri


@pytest.mark.parametrize("data", ["t.csv", "/data/t.csv", "./datasets/t.csv", TABLE])
def test_what_is_here_is_uploaded(data):
    assert as_uri(data) is None


def test_a_frame_travels_without_its_index():
    with parquet_file(TABLE.set_index(pd.Index([7, 8])), "mine") as file:
        pd.testing.assert_frame_equal(pd.read_parquet(file.path), TABLE)
        metadata, *chunks = file.parts()
        content = b"".join(part.chunk for part in chunks)
    assert metadata.metadata.display_name == "mine"
    assert metadata.metadata.size_bytes == len(content)
    assert metadata.metadata.sha256 == hashlib.sha256(content).hexdigest()
    assert not file.path.exists()


def test_a_csv_is_converted_and_keeps_its_name(tmp_path):
    TABLE.to_csv(tmp_path / "t.csv", index=False)
    with parquet_file(tmp_path / "t.csv") as file:
        pd.testing.assert_frame_equal(pd.read_parquet(file.path), TABLE)
        assert file.display_name == "t.csv"


def test_a_parquet_file_is_sent_as_it_is_and_stays(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(b"x" * (5 << 18))
    with parquet_file(str(path)) as file:
        assert [len(part.chunk) for part in file.parts()] == [0, 1 << 20, 1 << 18]
    assert path.exists()


@pytest.mark.parametrize(
    ("data", "problem"),
    [("nowhere.csv", "there is no file nowhere.csv"), (3, "must be a DataFrame, a path or a URI, not int")],
)
def test_what_is_no_table_is_told(data, problem):
    with pytest.raises(InvalidSpec, match=problem), parquet_file(data):
        pass


def test_an_empty_csv_is_told(tmp_path):
    (tmp_path / "t.csv").write_text("")
    with pytest.raises(InvalidSpec, match="cannot be read as CSV"), parquet_file(tmp_path / "t.csv"):
        pass


def test_without_pandas_the_way_out_is_told(tmp_path, monkeypatch):
    (tmp_path / "t.csv").write_text("a\n1\n")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(MissingPackage, match=r"trainwright\[pandas\]"), parquet_file(tmp_path / "t.csv"):
        pass
