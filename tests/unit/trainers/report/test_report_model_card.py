from dataclasses import replace
from pathlib import Path

import pytest

from trainers.report.model_card import TO_FILL, model_card
from trainers.report.values import Report, Tracking


def example(task: str = "binary") -> Report:
    return Report.from_json((Path(__file__).parent / f"{task}.json").read_text())


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_card_is_filled_and_marks_what_only_a_person_knows(task: str) -> None:
    card = model_card(example(task))
    assert card.startswith("# Model card: ")
    assert card.count("\n## ") == 8
    assert card.count(TO_FILL) == 6
    assert "10,000 rows" in card


def test_the_threshold_is_given_as_it_is_used() -> None:
    report = example()
    assert report.threshold is not None
    assert f"at least {report.threshold.value:.6g}" in model_card(report)
    assert "probability is at least" not in model_card(example("regression"))


def test_a_name_cannot_become_markup() -> None:
    report = replace(example(), decision="a | b\n# <b>bold</b>")
    heading = model_card(report).splitlines()[0]
    assert heading == r"# Model card: a \| b \# \<b\>bold\</b\>"


def test_a_published_model_is_located() -> None:
    report = replace(example(), tracking=Tracking("http://mlflow", "ai4i", "r1", "models:/m-1", "3"))
    assert "`models:/m-1` in MLflow experiment ai4i, version 3 in the registry" in model_card(report)


@pytest.mark.parametrize(("serialization", "told"), [("skops", "runs no code"), ("cloudpickle", "may run code")])
def test_the_card_says_whether_loading_the_model_runs_code(serialization: str, told: str) -> None:
    report = example()
    card = model_card(replace(report, selected=replace(report.selected, serialization=serialization)))
    assert [line for line in card.splitlines() if told in line]
