"""What the report says of decisions is what the numbers say; where nothing was asked for it says nothing."""

from dataclasses import replace
from pathlib import Path

from trainers.report import decision_words
from trainers.report.html import render
from trainers.report.values import (
    BandOutcome,
    Calibration,
    ClassDecision,
    ClassOutcome,
    ClassWeights,
    Conformal,
    Interval,
    Reliability,
    Report,
    ReviewBand,
    SegmentThreshold,
    Sensitivity,
    Threshold,
)

FOLDER = Path(__file__).parent
SOBER = Reliability((0.1,), (0.1,), (9,), 0.05, 0.01, 0.02)


def example(name: str = "binary") -> Report:
    return Report.from_json((FOLDER / f"{name}.json").read_text())


def with_threshold(report: Report, **parts: object) -> Report:
    assert report.threshold is not None
    return replace(report, threshold=replace(report.threshold, **parts))


def threshold(report: Report) -> Threshold:
    assert report.threshold is not None
    return report.threshold


def test_a_report_of_one_plain_threshold_says_nothing_more() -> None:
    for name in ("binary", "multiclass", "regression"):
        assert list(decision_words.paragraphs(example(name))) == []


def segmented() -> Report:
    report = example()
    chosen = report.test.chosen
    assert chosen is not None
    one = replace(chosen, recall=0.5, flagged=0.02, cost=400.0)
    parts = tuple(SegmentThreshold((name,), 0.2, own, 900, 30, chosen) for name, own in (("L <b>", True), ("H", False)))
    report = with_threshold(report, segment_on=("Type",), segments=parts, shared=one)
    return replace(report, test=replace(report.test, chosen=replace(chosen, cost=300.0), shared=one, segments=parts))


def test_segments_are_told_beside_one_threshold_for_all() -> None:
    text = decision_words.segments(segmented())
    assert "Thresholds are set by Type: 1 of 2 values have their own" in text
    assert "at a cost of 300; one threshold for all, 50 of 100 true cases caught" in text
    assert "have not paid" not in text
    better, worse = (replace(threshold(segmented()).chosen, objective=value) for value in (-100.0, -120.0))
    assert "have not paid here" in decision_words.segments(
        with_threshold(segmented(), held_out=worse, held_out_shared=better)
    )
    assert "have not paid" not in decision_words.segments(
        with_threshold(segmented(), held_out=better, held_out_shared=worse)
    )
    page = render(segmented(), [])
    assert page.count("Outcomes by segment") == 1
    assert "L &lt;b&gt;" in page
    assert "(shared)" in page
    assert "Same model, one threshold for all segments" in page


def test_a_review_adds_up_to_a_hundred_cases() -> None:
    found = BandOutcome(reviewed=0.06, flagged=0.02, caught=0.7, missed=0.1, false_positive_rate=0.001, cost=120.0)
    report = with_threshold(example(), band=ReviewBand(0.05, 0.4, "ask Ann", found))
    report = replace(report, test=replace(report.test, band=found))
    text = decision_words.review(report)
    assert "from 0.050 up to 0.400 go to a person and are answered “ask Ann”: 6.0" in text
    assert "70 are flagged, 10 are missed, and 20 reach the person" in text
    assert text in render(report, [])
    empty = with_threshold(report, band=ReviewBand(0.4, 0.4, "review", found))
    assert "would cost more than the errors it spares" in decision_words.review(empty)


def test_a_lot_goes_over_its_capacity_as_often_as_chance_has_it() -> None:
    report = example()
    point = replace(threshold(report).chosen, flagged=0.03)
    spec = {"threshold": {"lot_capacity": {"rows": 30, "of": 1000}}}
    report = replace(with_threshold(report, chosen=point), manifest=replace(report.manifest, spec=spec))
    assert "about 45 of 100 lots have more than 30 rows flagged" in decision_words.lots(report)


def test_what_is_off_by_two_is_told_with_what_keeping_would_cost() -> None:
    told = (
        Sensitivity("a miss costs half as much", 0.4, -100.0, -150.0, True),
        Sensitivity("twice as many rows are positive", 0.1, -80.0, -80.0, False),
        Sensitivity("half as many rows are positive", 0.3, -50.0, -50.0, True),
    )
    report = with_threshold(
        example(), sensitivity=told, interval=Interval(0.1, 0.3), held_out=threshold(example()).chosen
    )
    text = decision_words.doubt(report)
    assert "if a miss costs half as much, 0.400 would be best (cost 100), and keeping it gives 150;" in text
    assert "keeping it gives 80.0, and a limit would be broken" in text
    assert "if half as many rows are positive, keeping it loses nothing." in text
    assert "would lie from 0.100 to 0.300 (95 % interval)" in decision_words.held_out(report)
    page = render(report, [])
    assert "a miss costs half as much" in page
    assert "broken" in page


def test_a_decision_among_classes_is_told_beside_the_most_probable_class() -> None:
    report = example("multiclass")
    assert report.test.confusion is not None
    labels = report.test.confusion.labels
    ours, plain = (ClassOutcome(-cost, cost, (0.5,) * len(labels), (0.5,) * len(labels)) for cost in (40.0, 90.0))
    matrix = tuple(ClassWeights((1.0,) * len(labels)) for _ in labels)
    report = replace(
        report,
        class_decision=ClassDecision("least expected cost", labels, matrix, ours, plain),
        test=replace(report.test, classes=ours, most_probable=plain),
    )
    assert "it gives a cost of 40.0; the most probable class would give a cost of 90.0." in decision_words.classes(
        report
    )
    assert "How a class is decided" in render(report, [])


def test_a_calibration_that_was_kept_tells_before_and_after() -> None:
    kept = Calibration(SOBER, method="sigmoid", before=replace(SOBER, expected_error=0.2), reason="Corrected.")
    text = decision_words.calibration(replace(example(), calibration=kept))
    assert text.startswith("Corrected. Before, they were off by 0.200 on average, now by 0.010")
    assert (
        decision_words.calibration(replace(example(), calibration=Calibration(SOBER, reason="Not kept.")))
        == "Not kept."
    )


def test_sets_and_intervals_are_told_with_what_they_held() -> None:
    sets = Conformal(0.9, 0.88, {"ok": 0.91, "crack": 0.8}, 1.2, 0.85)
    text = decision_words.sure(replace(example("multiclass"), conformal=sets))
    assert "“crack” 80" in text
    assert "A set has 1.20 classes on average" in text
    interval = Conformal(0.9, 0.93, half_width=4.5)
    assert "An interval of 4.50 either way" in decision_words.sure(replace(example("regression"), conformal=interval))
