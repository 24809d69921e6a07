import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trainers.data.load import ColumnRole, DataSpec, Task, load
from trainers.errors import SpecError


def write(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def violations(caught: pytest.ExceptionInfo[SpecError]) -> dict[str, str]:
    return {v.field: v.message for v in caught.value.violations}


def test_a_csv_becomes_features_and_a_target(tmp_path: Path) -> None:
    uri = write(
        tmp_path / "a.csv", "n,f,kind,flag,y\n1,0.5,a,True,no\n2,,b,False,yes\n3,1.5,,True,no\n4,2.5,a,True,no\n"
    )
    table = load(DataSpec(uri=uri, target="y"))
    assert [str(t) for t in table.features.dtypes] == ["int64", "float64", "object", "bool"]
    assert table.features["kind"].tolist() == ["a", "b", None, "a"]
    assert [c.role for c in table.columns] == [ColumnRole.NUMERIC] * 2 + [ColumnRole.CATEGORICAL, ColumnRole.NUMERIC]
    assert [(c.missing, c.distinct) for c in table.columns] == [(0, 4), (1, 3), (1, 2), (0, 2)]
    assert (table.task, table.classes, table.target.tolist()) == (Task.BINARY, ("no", "yes"), [0, 1, 0, 0])
    assert list(table.keys.columns) == ["n", "f", "kind", "flag", "y"]


def test_a_nameless_empty_last_column_vanishes(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "x,y,\n1,0,\n2,1,\n3,0,\n4,0,\n")
    assert list(load(DataSpec(uri=uri, target="y")).keys.columns) == ["x", "y"]


def test_a_nameless_column_with_values_is_kept_but_no_feature(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", ",x,y,\n0,1,0,\n1,2,1,\n2,3,0,9\n3,4,0,\n")
    table = load(DataSpec(uri=uri, target="y"))
    assert [c.name for c in table.columns] == ["x"]
    assert table.omitted == {"Unnamed: 0": "it has no name", "Unnamed: 3": "it has no name"}


def test_dates_are_no_features_unless_given_a_role(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "at,x,y\n2024-01-01,1,0\n2024-01-02,2,1\n,3,0\n2024-01-04T12:00:00,4,0\n")
    assert dict(load(DataSpec(uri=uri, target="y")).omitted) == {"at": "it holds dates"}
    numbers = load(DataSpec(uri=uri, target="y", roles={"at": ColumnRole.NUMERIC})).features["at"]
    assert numbers.tolist()[0] == pd.Timestamp("2024-01-01").timestamp()
    assert numbers.iloc[3] - numbers.iloc[0] == 3.5 * 86400
    assert np.isnan(numbers.iloc[2])


def test_roles_decide_over_the_type(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "code,y\n1,0\n2,1\n1,0\n2,0\n")
    table = load(DataSpec(uri=uri, target="y", roles={"code": ColumnRole.CATEGORICAL}))
    assert table.features["code"].dtype == object
    assert table.features["code"].tolist() == [1, 2, 1, 2]


def test_infinity_is_missing(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "x,y\n1.5,0\ninf,1\n-inf,0\n2,0\n")
    assert load(DataSpec(uri=uri, target="y")).columns[0].missing == 2


def test_parquet_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": pd.array([1, None, 3, 4], dtype="Int64"), "c": pd.Categorical(["a", "b", None, "a"])})
    frame["y"] = [0, 1, 0, 0]
    frame.to_parquet(tmp_path / "upload")
    table = load(DataSpec(uri=str(tmp_path / "upload"), target="y"))
    assert table.features["x"].dtype == np.float64
    assert table.features["c"].tolist() == ["a", "b", None, "a"]


def test_compressed_csv(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"x,y\n1,0\n2,1\n3,0\n4,0\n"))
    assert len(load(DataSpec(uri=f"file://{tmp_path}/a.csv.gz", target="y")).target) == 4


def test_keys_and_excluded_columns_are_no_features(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "id,g,x,y\n1,a,1,0\n2,b,2,1\n3,a,3,0\n4,b,4,0\n")
    assert list(load(DataSpec(uri=uri, target="y", exclude=("id",)), keys=("g",)).features) == ["x"]


def test_the_fingerprint_follows_content_names_and_types(tmp_path: Path) -> None:
    texts = [
        "x,y\n1,0\n2,1\n1,0\n2,0\n",
        "x,y\n1,0\n2,1\n1,0\n3,0\n",
        "z,y\n1,0\n2,1\n1,0\n2,0\n",
        "x,y\n1.0,0\n2,1\n1,0\n2,0\n",
    ]
    prints = [load(DataSpec(uri=write(tmp_path / f"{i}.csv", t), target="y")).fingerprint for i, t in enumerate(texts)]
    again = load(DataSpec(uri=write(tmp_path / "again.csv", texts[0]), target="y")).fingerprint
    assert len(set(prints)) == 4
    # As printed by another process: the digest is part of the record of a job.
    assert again == prints[0] == "5ab7e6aae42897db76eadd1667c153738fdd033c4de034eee9d67c4006de0f20"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"x,y\n", "no rows"),
        (b"\xff\xfe\x00\x01binary\x80", "neither Parquet nor UTF-8"),
        (b"PAR1 and then nothing", "cannot be read as Parquet"),
        (b'x,y\n1,"open\n', "cannot be read as CSV"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(SpecError) as caught:
        load(DataSpec(uri=str(tmp_path / "a"), target="y"))
    assert says in violations(caught)["data.uri"]


def test_truncated_parquet(tmp_path: Path) -> None:
    pd.DataFrame({"x": range(1000), "y": [0, 1] * 500}).to_parquet(tmp_path / "whole.parquet")
    (tmp_path / "a.parquet").write_bytes((tmp_path / "whole.parquet").read_bytes()[:-50])
    with pytest.raises(SpecError, match="check that the file is whole"):
        load(DataSpec(uri=str(tmp_path / "a.parquet"), target="y"))


def test_every_unknown_column_is_told_with_the_nearest(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "Torque,Speed,y\n1,1,0\n2,2,1\n")
    spec = DataSpec(uri=uri, target="z", exclude=("Torque", "Sped"), roles={"Torqe": ColumnRole.NUMERIC})
    with pytest.raises(SpecError) as caught:
        load(spec)
    found = violations(caught)
    assert set(found) == {"data.target", "data.exclude[1]", "data.roles[Torqe]"}
    assert "did you mean 'Speed'?" in found["data.exclude[1]"]
    assert "the columns are 'Torque', 'Speed', 'y'" in found["data.target"]


def test_a_role_that_the_values_refuse(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "x,y\n1,0\ntwo,1\n3,0\n4,0\n")
    with pytest.raises(SpecError) as caught:
        load(DataSpec(uri=uri, target="y", roles={"x": ColumnRole.NUMERIC}))
    assert "'two'" in violations(caught)["data.roles[x]"]


def test_no_feature_is_left(tmp_path: Path) -> None:
    uri = write(tmp_path / "a.csv", "x,y\n1,0\n2,1\n3,0\n4,0\n")
    with pytest.raises(SpecError) as caught:
        load(DataSpec(uri=uri, target="y", exclude=("x",)))
    assert "no feature" in violations(caught)["data.exclude"]


def test_nested_values_are_refused_by_name(tmp_path: Path) -> None:
    pd.DataFrame({"x": [[1], [2], [3], [4]], "y": [0, 1, 0, 0]}).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(SpecError) as caught:
        load(DataSpec(uri=str(tmp_path / "a.parquet"), target="y"))
    assert "'x'" in violations(caught)["data.exclude"]
