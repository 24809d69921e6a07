from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from trainers.report.plots import MAX_POINTS, Picture, Scored, pictures
from trainers.report.values import Report

EXPECTED = {
    "binary": ["threshold_sweep", "confusion_matrix", "precision_recall", "roc", "calibration", "importance"],
    "multiclass": ["confusion_matrix", "importance"],
    "regression": ["predicted_against_actual", "residuals", "importance"],
}


def scored(task: str, name: str, rows: int = 300) -> Scored:
    random = np.random.default_rng(len(name))
    truth = random.integers(0, 2, rows)
    if task == "regression":
        return Scored(name, truth + random.normal(size=rows), truth + 0.0)
    noisy = np.clip(0.3 * truth + 0.5 * random.random(rows), 0, 1)
    return Scored(name, truth, noisy if task == "binary" else np.column_stack([1 - noisy, noisy]))


def drawn(task: str) -> tuple[Picture, ...]:
    report = Report.from_json((Path(__file__).parent / f"{task}.json").read_text())
    return pictures(report, scored(task, "out of fold"), scored(task, "sealed test"))


@pytest.mark.parametrize("task", EXPECTED)
def test_each_task_has_its_pictures_each_a_drawing_with_its_words(task: str) -> None:
    shown = drawn(task)
    assert [picture.name for picture in shown] == EXPECTED[task]
    for picture in shown:
        assert ElementTree.fromstring(picture.svg).tag.endswith("svg")
        assert any(letter.isdigit() for letter in picture.text), picture.name


def test_the_same_numbers_give_the_same_file() -> None:
    assert [p.svg for p in drawn("binary")] == [p.svg for p in drawn("binary")]


def test_words_carry_the_scores_of_both_sets() -> None:
    roc = next(p for p in drawn("binary") if p.name == "roc")
    assert "on out of fold rows and" in roc.text
    assert "on sealed test rows" in roc.text


def test_many_rows_are_thinned() -> None:
    report = Report.from_json((Path(__file__).parent / "regression.json").read_text())
    many = scored("regression", "sealed test", 4 * MAX_POINTS)
    thinned = Scored(many.name, many.truth[::4], many.predictions[::4])
    for one, other in zip(pictures(report, many, many), pictures(report, thinned, thinned), strict=True):
        assert one.svg == other.svg, one.name


def test_a_threshold_near_zero_is_still_visible() -> None:
    sweep = drawn("binary")[0]
    assert b"10^{-2}" in sweep.svg or b"mathdefault{10^{" in sweep.svg
