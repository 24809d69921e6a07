"""What is said and drawn of diagnosis and explanation, and the few lines for who decides."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from trainers.findings import Finding, Severity
from trainers.insight.attributions import Attributed
from trainers.report import insight_words, values
from trainers.report.brief import brief
from trainers.report.html import render
from trainers.report.insight_plots import insight_pictures
from trainers.report.markdown import markdown
from trainers.report.model_card import model_card
from trainers.report.values import Insight, Report

BAND = "Torque [Nm] up to 48.75 and Tool wear [min] above 199.5"


def example(name: str = "binary") -> Report:
    return Report.from_json((Path(__file__).parent / f"{name}.json").read_text())


def insight() -> Insight:
    found = example().insight
    assert found is not None
    return found


def having(**changes: object) -> Report:
    return replace(example(), insight=replace(insight(), **changes))


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("healthy", "no cause for worry"),
        ("overfitting", "does not carry over (overfitting)"),
        ("underfitting", "too simple for the pattern"),
        ("suspicious", "gives the answer away"),
    ],
)
def test_every_verdict_is_put_in_words_with_its_numbers(verdict: str, said: str) -> None:
    found = insight().generalisation
    assert found is not None
    text = insight_words.health(having(generalisation=replace(found, verdict=verdict)))
    assert said in text
    assert "0.997" in text
    assert "0.879" in text


def test_the_weak_part_is_named_with_what_was_expected() -> None:
    text = insight_words.weakest(example())
    assert f"Worse than chance explains: “{BAND}”, with average precision 0.329 on 142 test rows" in text
    assert "would score 0.917" in text


def test_where_chance_explains_all_no_part_is_called_worse() -> None:
    slices = insight().slices
    assert slices is not None
    plain = replace(slices, results=tuple(replace(r, beyond_chance=False) for r in slices.results))
    report = having(slices=plain)
    assert "None does worse than chance explains" in insight_words.weakest(report)
    assert insight_words.weak_parts(report) == ()
    assert "least to be trusted" not in " ".join(brief(report))


def test_more_rows_are_promised_only_as_far_as_the_curve_goes() -> None:
    assert "twice as many rows would bring about 0.024 more (0.013 to 0.064 is plausible)" in insight_words.more_rows(
        example()
    )
    curve = insight().learning_curve
    assert curve is not None
    flat = having(learning_curve=replace(curve, next_low=0.0, next_high=0.004))
    assert "That may be chance; twice as many rows would bring at most about 0.004" in insight_words.more_rows(flat)


def test_a_fit_without_chance_gives_the_very_same_scores() -> None:
    found = insight().seeds
    assert found is not None
    assert "very same scores" in insight_words.seeds(having(seeds=replace(found, std=0.0)))
    assert "moves by 0.002" in insight_words.seeds(example())


def test_a_column_is_said_to_rise_or_fall_only_where_it_does() -> None:
    points = [values.DependencePoint(str(i), float(i), mean, 0.0, 1.0) for i, mean in enumerate((0.1, 0.2, 0.4))]
    rising = values.PartialDependence("wear", "probability of failure = 1", False, tuple(points))
    falling = replace(rising, points=tuple(replace(p, mean=1 - p.mean) for p in points))
    bent = replace(rising, points=(points[0], points[2], points[1]))
    told = [insight_words.leaning(having(dependences=(each,), interactions=())) for each in (rising, falling, bent)]
    assert "from 0 to 2, the probability of failure = 1 rises from 10" in told[0]
    assert "falls from 90" in told[1]
    assert "lowest (10" in told[2]
    assert all("no proof of cause" in text for text in told)


def test_a_report_without_insight_says_nothing_of_it() -> None:
    report = replace(example(), insight=None)
    assert insight_words.insights(report) == ()
    page = render(report, [])
    for part in ("What it leans on", "hardest test rows", "Would more data help"):
        assert part not in page


def test_each_picture_is_a_drawing_with_its_words() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"a": rng.normal(size=20), "kind": pd.Series(["u", None] * 10, dtype=object)})
    attributed = Attributed("probability of failure = 1", rows, rng.normal(size=(20, 2)), 0.1)
    shown = list(insight_pictures(example(), attributed))
    assert [p.name for p in shown] == [
        "slices",
        "learning_curve",
        "validation_curve",
        "dependence",
        "interactions",
        "shap",
    ]
    for each in shown:
        assert ElementTree.fromstring(each.svg).tag.endswith("svg")
        assert any(letter.isdigit() for letter in each.text), each.name
    again = list(insight_pictures(example(), attributed))
    assert [p.svg for p in again] == [p.svg for p in shown]


def test_in_short_says_what_it_does_what_is_gained_and_what_to_see_to() -> None:
    report = replace(example(), findings=(Finding("X", Severity.WARNING, "bad", "Mend it."),))
    lines = brief(report)
    assert re.search(
        r"works out how probable Machine failure = 1 is, and flags the row when that is at least \d", lines[0]
    )
    assert (
        lines[1]
        == "On rows it had never seen it caught 62 of 68 true cases, and flagged 119 of 1,932 other rows needlessly."
    )
    assert "At the stated costs" in lines[2]
    assert f"least to be trusted where {BAND}" in lines[3]
    assert lines[-1] == "One warning is to be settled before it is used; it is listed under Risks."


@pytest.mark.parametrize(
    ("task", "gain"),
    [("multiclass", "It is itself the best baseline"), ("regression", "that of the simple model it was compared with")],
)
def test_in_short_without_a_threshold(task: str, gain: str) -> None:
    lines = brief(example(task))
    assert "names the class of" in lines[0] if task == "multiclass" else "it estimates" in lines[0]
    assert gain in lines[2]


def test_both_remedies_are_shown_and_code_names_are_not() -> None:
    message = "average_precision of random_forest is low"
    finding = Finding("X", Severity.WARNING, message, "Do this.", alternative="Do that.")
    report = replace(example(), findings=(finding,))
    for text in (render(report, []), markdown(report), model_card(report)):
        assert "Do this. Or: Do that." in text
        assert "average precision of random forest is low" in text
        assert message not in text


def test_names_cannot_become_markup_in_markdown() -> None:
    report = replace(example(), decision="a | b\n# <b>bold</b>")
    text = markdown(report)
    assert text.splitlines()[0] == r"# a \| b \# \<b\>bold\</b\>"
    assert "\n| average precision | 0.843 |" in text
