from dataclasses import replace
from pathlib import Path

import pytest

from trainers.findings import Finding, Severity
from trainers.report import risks, values, words
from trainers.report.glossary import about, metric_words, number, out_of, percent
from trainers.report.values import Confusion, ConfusionRow, Report

FOLDER = Path(__file__).parent


def example(name: str = "binary") -> Report:
    return Report.from_json((FOLDER / f"{name}.json").read_text())


def with_counts(report: Report, cases: tuple[int, int], others: tuple[int, int]) -> Report:
    """The report with (missed, caught) cases and (left alone, flagged) others on the test."""
    confusion = Confusion(("0", "1"), (ConfusionRow(others), ConfusionRow(cases)))
    return replace(report, test=replace(report.test, confusion=confusion))


def test_a_hundred_cases_and_a_thousand_others_are_counted_from_the_confusion_matrix() -> None:
    report = with_counts(example(), cases=(20, 80), others=(1900, 100))
    assert "about 80 are flagged and 20 are missed (flagged: 71 to 87 is plausible, from 100 test rows)" in (
        words.hundred_cases(report)
    )
    assert "about 50 are flagged needlessly and 950 are left alone" in words.thousand_others(report)
    assert "Of 100 flagged rows, about 44 are true cases" in words.flagged(report)


def test_the_positive_class_is_found_by_its_name() -> None:
    report = with_counts(example(), cases=(20, 80), others=(1900, 100))
    flipped = replace(report, data=replace(report.data, positive_class="0"))
    found = words.outcome(flipped)
    assert found is not None
    assert (found.cases, found.caught, found.others, found.alarms) == (2000, 1900, 100, 20)


def test_something_is_never_rounded_to_nothing() -> None:
    report = with_counts(example(), cases=(1, 999), others=(99_999, 1))
    assert "more than 99 are flagged and fewer than 1 are missed" in words.hundred_cases(report)
    assert "fewer than 1 are flagged needlessly" in words.thousand_others(report)


def test_grouped_rows_get_no_interval_that_assumes_independence() -> None:
    report = example()
    grouped = replace(report, split=replace(report.split, kind="grouped"))
    assert "plausible" in words.hundred_cases(report)
    assert "plausible" not in words.hundred_cases(grouped)


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (50.0, 100.0, "50\N{NO-BREAK SPACE}% less"),
        (150.0, 100.0, "50\N{NO-BREAK SPACE}% more"),
        (9.0, 9.0, "no difference"),
    ],
)
def test_costs_are_compared_in_the_direction_they_have(ours: float, theirs: float, said: str) -> None:
    report = example()
    chosen, half = report.test.chosen, report.test.at_half
    assert chosen is not None
    assert half is not None
    test = replace(report.test, chosen=replace(chosen, cost=ours), at_half=replace(half, cost=theirs))
    assert said in words.against_half(replace(report, test=test))


def test_without_costs_no_cost_is_spoken_of() -> None:
    report = example()
    assert report.threshold is not None
    free = replace(report.threshold, curve=tuple(replace(p, cost=0.0) for p in report.threshold.curve))
    text = " ".join(words.explain(replace(report, threshold=free)))
    assert "false alarms" in text
    assert "cost" not in text


def test_a_lead_within_its_uncertainty_is_not_called_real() -> None:
    report = example()
    sure = words.lead_over_baseline(report)
    shaky = replace(
        report,
        candidates=tuple(replace(c, difference_se=abs(c.difference) or 1.0) for c in report.candidates),
    )
    assert "unlikely to be luck" in sure
    assert "may be luck" in words.lead_over_baseline(shaky)


def test_a_chosen_baseline_is_said_to_be_one() -> None:
    assert "itself the best baseline" in words.lead_over_baseline(example("multiclass"))


def test_the_test_interval_is_set_beside_the_cross_validated_mean() -> None:
    report = example()
    beyond = replace(report, cross_validation=replace(report.cross_validation, mean=0.99))
    assert "contains the cross-validated mean" in words.judged(report)
    assert "does not contain the cross-validated mean" in words.judged(beyond)


def test_errors_are_shown_without_their_minus_sign() -> None:
    text = " ".join(words.explain(example("regression")))
    assert "root mean squared error was 4.07" in text
    assert "−4" not in text


def test_multiclass_names_the_best_and_the_worst_class() -> None:
    text = words.classes(example("multiclass"))
    assert "Class “none” is recognised best" in text
    assert "Class “heat” is recognised least" in text
    assert "taken for “none”" in text


def test_names_of_families_and_metrics_are_made_readable() -> None:
    said = words.readable(example(), "hist_gradient_boosting has the best average_precision")
    assert said == "hist gradient boosting has the best average precision."


def test_risks_are_sorted_by_weight_and_include_what_the_numbers_warn_of() -> None:
    report = with_counts(example(), cases=(1, 9), others=(100, 0))
    opening = values.TestOpening("2026-01-01T00:00:00Z", "job a", "judge")
    report = replace(report, split=replace(report.split, openings=(opening, opening)))
    report = replace(report, findings=(*report.findings, Finding("X", Severity.ERROR, "bad", "mend")))
    codes = [finding.code for finding in risks.risks(report)]
    assert codes[0] == "X"
    assert {"TEST_REOPENED", "FEW_TEST_CASES"} <= set(codes)
    assert codes[-1] == "HIGH_CORRELATION"


def test_a_healthy_report_raises_no_warning_of_its_own() -> None:
    report = replace(example(), findings=())
    assert risks.risks(report) == ()


def test_thresholds_that_folds_disagree_on_are_told() -> None:
    report = example()
    assert report.threshold is not None
    apart = replace(report, findings=(), threshold=replace(report.threshold, folds=(0.1, 0.6)))
    assert [finding.code for finding in risks.risks(apart)] == ["THRESHOLD_UNSTABLE"]


def test_what_to_watch_names_only_columns_that_matter() -> None:
    report = example()
    idle = replace(report, importances=tuple(replace(i, mean=0.0) for i in report.importances))
    assert "Torque [Nm]" in risks.watch(report)[-1]
    assert not any("Torque" in line for line in risks.watch(idle))


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.12345, "0.123"), (-0.5, "−0.500"), (1234.5, "1,234"), (12.34, "12.3"), (0.0002, "0.0002")],
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_what_is_not_a_number_is_called_so() -> None:
    assert number(float("nan")) == "not defined"


def test_shares() -> None:
    assert percent(0.0339) == "3.4\N{NO-BREAK SPACE}%"
    assert percent(0.5) == "50\N{NO-BREAK SPACE}%"
    assert (out_of(0.0001, 1000), out_of(0.9999, 100), out_of(1.0, 100), out_of(0.0, 100)) == (
        "fewer than 1",
        "more than 99",
        "100",
        "0",
    )
    assert (about(0.5, 100), about(1.0, 100), about(0.0001, 100)) == ("about 50", "100", "fewer than 1")


def test_a_metric_without_words_of_its_own_still_says_which_way_is_better() -> None:
    assert metric_words("neg_max_error").meaning.startswith("scikit-learn's max error. Smaller is better")
    assert metric_words("top_k_accuracy").show(0.5) == "0.500"


def nested(optimism: float, *agreements: float) -> Report:
    folds = tuple(values.NestedFold(k, "xgboost" if k else "svm", {"depth": k}, 0.8, 0.7) for k in range(3))
    parameters = tuple(values.ParameterStability(f"p{i}", share, ("1", "2")) for i, share in enumerate(agreements))
    found = values.NestedCrossValidation("average_precision", 0.7, 0.0, optimism, folds, "xgboost", 2 / 3, parameters)
    return replace(example(), nested=found)


def test_what_choosing_flattered_is_told_and_how_stable_the_choice_was() -> None:
    text = words.nested(nested(0.1, 1.0, 0.5))
    assert "reached a mean average precision of 0.700" in text
    assert "is 0.100 better, which is how much choosing the best of many flattered it" in text
    assert "In 2 of 3 folds it chose xgboost, with 1 of its 2 parameters the same each time." in text
    assert "did not flatter it" in words.nested(nested(-0.01))
    assert words.nested(example()) == ""


def test_probabilities_before_and_after_the_correction_are_told_only_with_resampling() -> None:
    before = values.Reliability((0.5,), (0.1,), (9,), 0.2, 0.4, 0.01)
    after = values.Reliability((0.1,), (0.1,), (9,), 0.1, 0.02, 0.01)
    resampled = replace(example(), calibration=values.Calibration(after, before))
    assert "they would be off by 0.400 on average" in words.probabilities(resampled)
    assert "they are off by 0.020" in words.probabilities(resampled)
    assert words.probabilities(replace(example(), calibration=values.Calibration(after))) == ""
