"""``python -m trainers`` takes a spec, or the report of a run to repeat."""

import json
from pathlib import Path

import pytest

from trainers.__main__ import read_request
from trainers.errors import SpecError

SPEC = {"decision": "d", "data": {"uri": "t.csv", "target": "y"}}


def written(folder: Path, text: str) -> Path:
    path = folder / "request"
    path.write_text(text)
    return path


def test_a_spec_is_a_spec(tmp_path: Path) -> None:
    spec, earlier = read_request(written(tmp_path, json.dumps(SPEC)))
    assert (spec.data.target, earlier) == ("y", None)


def test_of_a_report_the_recorded_spec_is_taken(tmp_path: Path) -> None:
    path = written(tmp_path, json.dumps({"decision": "d", "manifest": {"spec": SPEC}}))
    spec, earlier = read_request(path)
    assert (spec.data.target, earlier) == ("y", path)


@pytest.mark.parametrize("text", ['{"manifest": {}}', '{"manifest": 1}', "decision: [", "- a list", "decision: d"])
def test_anything_else_is_refused_with_what_is_wrong(tmp_path: Path, text: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_request(written(tmp_path, text))
    assert caught.value.violations


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="nowhere"):
        read_request(tmp_path / "nowhere")
