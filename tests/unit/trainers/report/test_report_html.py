import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from trainers.findings import Finding, Severity
from trainers.report import values
from trainers.report.html import key_facts, options, render, sampled_thresholds, score_bars
from trainers.report.plots import Picture
from trainers.report.values import Report

TASKS = ("binary", "multiclass", "regression")
PICTURE = Picture("roc", "ROC curve", "The area is 0.9.", b"<svg xmlns='http://www.w3.org/2000/svg'/>")


def example(task: str = "binary") -> Report:
    return Report.from_json((Path(__file__).parent / f"{task}.json").read_text())


class Outline(HTMLParser):
    """Gathers tags with their attributes, and the levels of headings."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


@pytest.mark.parametrize("task", TASKS)
def test_the_page_is_one_file_that_asks_for_nothing(task: str) -> None:
    outline = Outline(render(example(task), [PICTURE]))
    assert outline.all("script", "iframe", "object") == []
    for attributes in outline.all("img", "link"):
        assert (attributes.get("src") or attributes.get("href") or "").startswith("data:")
    policy = next(a for a in outline.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert str(policy["content"]).startswith("default-src 'none'")


def test_nested_searches_and_resampled_folds_are_shown_where_there_are_some() -> None:
    report = example()
    fold = replace(
        report.split.folds[0], train_class_counts={"0": 90, "1": 10}, resampled_class_counts={"0": 90, "1": 90}
    )
    parameter = values.ParameterStability("depth", 0.5, ("3", "7"))
    outer = values.NestedCrossValidation(
        "average_precision", 0.7, 0.1, 0.0, (values.NestedFold(4, "svm", {}, 0.8, 0.612),), "svm", 1.0, (parameter,)
    )
    page = render(replace(report, nested=outer, split=replace(report.split, folds=(fold,))), [PICTURE])
    assert "10 → 90" in page
    assert re.search(r'<th scope="row">5</th><td>svm</td><td class="num">0.800</td><td class="num">0.612</td>', page)
    assert "3, 7" in page
    plain = render(report, [PICTURE])
    assert "Nested cross-validation" not in plain
    assert "after resampling" not in plain


@pytest.mark.parametrize("task", TASKS)
def test_headings_step_down_and_tables_have_scopes(task: str) -> None:
    outline = Outline(render(example(task), [PICTURE]))
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(attributes.get("scope") in ("col", "row") for attributes in outline.all("th"))
    assert all(attributes.get("alt") for attributes in outline.all("img"))
    assert all(a.get("aria-label") or a.get("aria-hidden") for a in outline.all("svg"))


@pytest.mark.parametrize("task", TASKS)
def test_links_lead_to_places_on_the_page(task: str) -> None:
    outline = Outline(render(example(task), []))
    places = {attributes.get("id") for _, attributes in outline.tags}
    targets = [str(attributes["href"]) for attributes in outline.all("a")]
    assert targets
    assert all(target[0] == "#" and target[1:] in places for target in targets)


def test_everything_from_outside_is_escaped() -> None:
    evil = "<script>alert(1)</script>"
    report = example()
    report = replace(
        report,
        decision=evil,
        data=replace(report.data, target=evil, uri=evil, class_counts={evil: 3}),
        findings=(Finding("X", Severity.WARNING, evil, evil),),
        selected=replace(report.selected, reason=evil, params={evil: evil}),
        importances=tuple(replace(i, feature=evil) for i in report.importances),
    )
    picture = replace(PICTURE, title=evil, text=evil)
    page = render(report, [picture])
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 8


def test_the_search_tells_which_parameters_mattered() -> None:
    assert "<code>learning_rate</code> 62%" in render(example(), [])
    assert "what mattered" not in render(example("regression"), [])


def test_only_a_binary_decision_has_a_threshold() -> None:
    assert "At this threshold" in render(example(), [])
    for task in ("multiclass", "regression"):
        assert "At this threshold" not in render(example(task), [])
        assert "Outcomes by threshold" not in render(example(task), [])


def test_the_pictograms_show_the_counts() -> None:
    page = render(example(), [])
    caught = re.search(r'class="caught" d="([^"]*)"', page)
    alarms = re.search(r'class="alarm" d="([^"]*)"', page)
    assert caught is not None
    assert alarms is not None
    assert caught[1].count("M") == 91  # 62 of 68
    assert alarms[1].count("M") == 62  # 119 of 1932


def test_key_facts_put_the_consequences_first() -> None:
    assert [fact.value for fact in key_facts(example())] == [
        "91 of 100",
        "62 of 1,000",
        "46\N{NO-BREAK SPACE}% lower",
        "0.843",
    ]
    assert key_facts(example("regression"))[0].value == "4.07"


def test_options_compared_are_the_model_the_usual_threshold_and_the_baseline() -> None:
    assert [name for name, _ in options(example())] == [
        "Chosen model and threshold",
        "Same model at 0.5",
        "Baseline: logistic regression",
    ]
    assert options(example("regression")) == ()


def test_bars_share_one_scale() -> None:
    lengths = [bar.length for bar in score_bars(example())]
    assert lengths == pytest.approx([candidate.mean for candidate in example().candidates])
    errors = score_bars(example("regression"))
    assert [bar.length for bar in errors] == sorted(bar.length for bar in errors)
    assert errors[-1].high == pytest.approx(1.0)


def test_a_score_that_is_not_finite_breaks_no_bar() -> None:
    report = example()
    broken = replace(report.candidates[-1], mean=float("-inf"), std=float("nan"))
    assert score_bars(replace(report, candidates=(*report.candidates, broken)))[-1].length == 0.0


def test_the_table_of_thresholds_holds_the_chosen_one() -> None:
    report = example()
    sampled = sampled_thresholds(report)
    assert report.threshold is not None
    assert report.threshold.chosen in sampled
    assert [p.threshold for p in sampled] == sorted(p.threshold for p in sampled)
