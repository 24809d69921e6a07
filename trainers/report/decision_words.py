"""How decisions are made, in plain words, by rules: thresholds, segments, reviews, classes, calibrated and sure answers."""

from collections.abc import Iterator, Mapping

from scipy.stats import binom

from trainers.report.glossary import about, number, out_of, percent
from trainers.report.values import ClassOutcome, Report, SegmentThreshold, Sensitivity, ThresholdPoint


def paragraphs(report: Report) -> Iterator[str]:
    """What a reader should know of the decision beyond what it does at the chosen threshold."""
    for tell in (segments, review, lots, held_out, doubt, classes, calibration, sure):
        if text := tell(report):
            yield text


def has_costs(report: Report) -> bool:
    """Whether the threshold policy weighs costs."""
    return report.threshold is not None and any(point.cost for point in report.threshold.curve)


def segment_name(segment: SegmentThreshold) -> str:
    """The values that make a segment."""
    return ", ".join(segment.values)


def segments(report: Report) -> str:
    """Which segments have their own threshold, and what that gains over one for all on the test rows."""
    threshold, test = report.threshold, report.test
    if threshold is None or not threshold.segment_on:
        return ""
    own = [each for each in threshold.segments if each.own]
    text = (
        f"Thresholds are set by {' and '.join(threshold.segment_on)}: {len(own)} of {len(threshold.segments)} values have their "
        f"own; the others, and values not seen before, use the shared {number(threshold.value)}."
    )
    if test.chosen is not None and test.shared is not None:
        text += f" On the test rows that gives {_outcome(test.chosen)}; one threshold for all, {_outcome(test.shared)}."
    ours, one = threshold.held_out, threshold.held_out_shared
    if ours is None or one is None or ours.objective > one.objective or not own:
        return text
    return (
        f"{text} On folds that had no part in the choice they gave {_outcome(ours)} and one threshold {_outcome(one)}: thresholds "
        "of their own have not paid here; raise threshold.min_segment_cases, or leave threshold.segment_on out."
    )


def review(report: Report) -> str:
    """Which rows a person decides, and what that leaves to the model."""
    band, found = report.threshold.band if report.threshold else None, report.test.band
    if band is None or found is None:
        return ""
    if band.lower >= band.upper:
        return "No row is left to a person: a review would cost more than the errors it spares."
    reached = max(0.0, 1 - found.caught - found.missed)
    return (
        f"Rows with a probability from {number(band.lower)} up to {number(band.upper)} go to a person and are answered "
        f"“{band.label}”: {percent(found.reviewed)} of the test rows. Of 100 true cases, {out_of(found.caught, 100)} are flagged, "
        f"{out_of(found.missed, 100)} are missed, and {out_of(reached, 100)} reach the person. Errors and priced "
        f"reviews cost {number(found.cost)} on the test rows, the threshold alone {number(_cost(report.test.chosen))}. All "
        "other numbers here are those of the threshold alone, as if nobody were asked."
    )


def lots(report: Report) -> str:
    """How often a lot would have more rows flagged than its capacity."""
    threshold = report.threshold
    lot = report.manifest.spec.get("threshold", {}).get("lot_capacity")
    if threshold is None or not isinstance(lot, Mapping):
        return ""
    rows, of = int(lot["rows"]), int(lot["of"])
    over = float(binom.sf(rows, of, threshold.chosen.flagged))
    return (
        f"The capacity of {rows:,} in {of:,} rows is kept on average. Lots differ: if rows come in at random, {about(over, 100)} "
        f"of 100 lots have more than {rows:,} rows flagged; ask for fewer if that must be rare."
    )


def held_out(report: Report) -> str:
    """The decision on rows that had no part in choosing it, beside those it was chosen on."""
    threshold = report.threshold
    if threshold is None or threshold.held_out is None:
        return ""
    text = (
        f"Chosen without each fold and judged on it, the policy gives {_outcome(threshold.held_out)}; on the rows it was chosen "
        f"on, {_outcome(threshold.chosen)}."
    )
    if threshold.interval is None:
        return text
    low, high = number(threshold.interval.low), number(threshold.interval.high)
    return f"{text} On other rows of the same kind the best single threshold would lie from {low} to {high} (95 % interval)."


def doubt(report: Report) -> str:
    """What wrong costs or another share of positive rows would change."""
    threshold = report.threshold
    if threshold is None or not threshold.sensitivity:
        return ""
    told = "; ".join(_changed(report, each) for each in threshold.sensitivity)
    return f"How the threshold of {number(threshold.value)} hangs on what was assumed: {told}."


def _changed(report: Report, each: Sensitivity) -> str:
    what = "cost" if has_costs(report) else "objective"
    best, kept = (number(abs(v)) for v in (each.objective, each.objective_if_kept))
    broken = "" if each.limits_kept else ", and a limit would be broken"
    if best == kept and not broken:
        return f"if {each.change}, keeping it loses nothing"
    return (
        f"if {each.change}, {number(each.threshold)} would be best ({what} {best}), and keeping it gives {kept}{broken}"
    )


def classes(report: Report) -> str:
    """How one of several classes is decided, and what it gains over the most probable class on the test rows."""
    decision, test = report.class_decision, report.test
    if decision is None or test.classes is None or test.most_probable is None:
        return ""
    text = (
        f"The class is decided by this policy: {decision.policy}. On the test rows it gives {_class_outcome(test.classes)}; the "
        f"most probable class would give {_class_outcome(test.most_probable)}"
    )
    if test.baseline_classes is not None:
        text += f", and the best baseline by the same policy {_class_outcome(test.baseline_classes)}"
    return f"{text}."


def calibration(report: Report) -> str:
    """What was done to the probabilities, and whether it helped."""
    found = report.calibration
    if found is None or not found.reason:
        return ""
    if found.before is None:
        return found.reason
    return (
        f"{found.reason} Before, they were off by {number(found.before.expected_error)} on average, now by "
        f"{number(found.corrected.expected_error)}, where chance alone explains {number(found.corrected.by_chance)}."
    )


def sure(report: Report) -> str:
    """What prediction sets or intervals hold of the test rows."""
    found = report.conformal
    if found is None:
        return ""
    if found.half_width is not None:
        return (
            f"An interval of {number(found.half_width)} either way of a prediction was asked to hold the true value in "
            f"{percent(found.coverage)} of rows; on the test rows it held it in {percent(found.test_coverage)}."
        )
    by_class = ", ".join(f"“{name}” {percent(share)}" for name, share in found.class_coverage.items())
    return (
        f"Prediction sets were asked to hold the true class in {percent(found.coverage)} of each class's rows; on the test rows "
        f"they held it in {percent(found.test_coverage)} ({by_class}). A set has {number(found.mean_size or 0)} classes on "
        f"average, and exactly one for {percent(found.single or 0)} of the rows."
    )


def _outcome(point: ThresholdPoint) -> str:
    cost = f" at a cost of {number(point.cost)}" if point.cost else ""
    return f"{out_of(point.recall, 100)} of 100 true cases caught and {percent(point.flagged)} of rows flagged{cost}"


def _class_outcome(found: ClassOutcome) -> str:
    return f"a cost of {number(found.cost)}" if found.cost else f"a score of {number(found.objective)}"


def _cost(point: ThresholdPoint | None) -> float:
    return point.cost if point else 0.0
