"""A file is there whole or as it was before."""

import pytest

from cluster.files import whole


def test_the_file_is_as_before_until_all_is_written(tmp_path):
    path = tmp_path / "record.json"
    for text in ("first", "second"):
        before = path.read_text() if path.exists() else None
        with whole(path) as file:
            file.write_text(text)
            assert (path.read_text() if path.exists() else None) == before
        assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_a_write_that_fails_changes_nothing(tmp_path):
    path = tmp_path / "record.json"
    path.write_text("kept")

    def fail():
        with whole(path) as file:
            file.write_text("half")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert path.read_text() == "kept"
