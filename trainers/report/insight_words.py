"""Diagnosis and explanation in plain language, by rules from the numbers of a report."""

from trainers.report.glossary import MetricWords, family_title, metric_words, number, percent
from trainers.report.values import Insight, PartialDependence, Report, SliceResult, Slices, SliceScores

STRONG = 0.1  # share of a joint effect from which an interaction is told
TOLD = 3  # columns whose effect is told
VERDICTS = {
    "healthy": "What it learned carries over",
    "overfitting": "Much of what it learned does not carry over (overfitting)",
    "underfitting": "It is too simple for the pattern, or the columns do not hold the answer (underfitting)",
    "suspicious": "It is suspiciously good: most often a column gives the answer away",
}


def insights(report: Report) -> tuple[str, ...]:
    """Every paragraph, in reading order."""
    told = (health(report), weakest(report), more_rows(report), seeds(report), leaning(report), labels(report))
    return tuple(paragraph for paragraph in told if paragraph)


def health(report: Report) -> str:
    """Whether what was learned carries over to rows that the model has not seen."""
    found = _insight(report).generalisation
    if found is None:
        return ""
    metric = _metric(report)
    text = (
        f"{VERDICTS[found.verdict]}: its {metric.title} is {metric.show(found.train)} on the rows it was fitted on, "
        f"{metric.show(found.cross_validation)} on rows it had not seen (the folds) and {metric.show(found.test)} on the "
        f"sealed test; guessing scores {metric.show(found.dummy)}."
    )
    if found.verdict == "healthy":
        return f"{text} A model always knows its own rows better; a gap of this size is no cause for worry."
    return text


def weakest(report: Report) -> str:
    """The part of the rows where the model does worst, and whether that is more than chance."""
    slices = _insight(report).slices
    if slices is None or not slices.results:
        return ""
    beyond = weak_parts(report)
    looked = f"{slices.looked_at} parts of the data were" if slices.looked_at > 1 else "One part of the data was"
    if not beyond:
        worst = _against(slices, slices.results[0])
        return f"{looked} looked at on their own. None does worse than chance explains; the lowest for its rows is {worst}."
    names = "; ".join(_against(slices, result) for result in beyond)
    return f"{looked} looked at on their own. Worse than chance explains: {names}. Decisions there deserve more care."


def weak_parts(report: Report) -> tuple[SliceResult, ...]:
    """Parts that do worse than chance explains, at most three."""
    slices = _insight(report).slices
    return tuple(result for result in slices.results if result.beyond_chance)[:TOLD] if slices else ()


def verdict(result: SliceResult) -> str:
    """What chance has to do with a part's score."""
    return "worse than chance explains" if result.beyond_chance else "within chance"


def part_name(result: SliceResult) -> str:
    """A part with where it comes from."""
    return f"{result.name} (found where the errors are)" if result.found else result.name


def _against(slices: Slices, result: SliceResult) -> str:
    metric = metric_words(slices.metric)
    rows = result.test if result.judged_on == "test" and result.test else result.out_of_fold
    return (
        f"“{result.name}”, with {metric.title} {metric.show(result.score)} on {rows.rows:,} {result.judged_on} rows, where as many "
        f"rows of the same classes drawn from all would score {metric.show(result.expected)}"
    )


def more_rows(report: Report) -> str:
    """Whether more data would help."""
    curve = _insight(report).learning_curve
    if curve is None:
        return ""
    metric, half, whole = _metric(report), curve.points[-2].rows, curve.points[-1].rows
    word = "better" if curve.last_doubling >= 0 else "worse"
    error = number(curve.last_doubling_se)
    text = (
        f"Would more data help? With {whole:,} training rows instead of {half:,}, {metric.title} of "
        f"{family_title(curve.family)} is {number(abs(curve.last_doubling))} {word} (standard error {error})."
    )
    if curve.next_low > 0:
        return (
            f"{text} If gains go on to shrink as they did, twice as many rows would bring about {number(curve.next_doubling)} more "
            f"({number(curve.next_low)} to {number(curve.next_high)} is plausible)."
        )
    return f"{text} That may be chance; twice as many rows would bring at most about {number(curve.next_high)}."


def seeds(report: Report) -> str:
    """Whether the result hangs on the chance in fitting."""
    found = _insight(report).seeds
    if found is None:
        return ""
    metric, others = _metric(report), len(found.means) - 1
    if not found.std:
        return f"Fitted again with {others} other seeds, {family_title(found.family)} gives the very same scores."
    return (
        f"Fitted again with {others} other seeds, the mean {metric.title} of {family_title(found.family)} moves by "
        f"{number(found.std)} (standard deviation); from fold to fold it moves by {number(found.fold_std)}."
    )


def leaning(report: Report) -> str:
    """The columns that the model leans on most and which way they move its predictions."""
    found = _insight(report)
    if not found.dependences:
        return ""
    text = " ".join(_effect(each) for each in found.dependences[:TOLD])
    strong = next((pair for pair in found.interactions if pair.strength >= STRONG), None)
    if strong is not None:
        text += (
            f" {strong.first} and {strong.second} act together: what they do jointly is more than the sum of what each does "
            f"alone (H² = {number(strong.strength)})."
        )
    return f"{text} These are effects in the model, and no proof of cause."


def _effect(found: PartialDependence) -> str:
    low, high = min(found.points, key=lambda p: p.mean), max(found.points, key=lambda p: p.mean)
    if high.mean == low.mean:
        return f"{found.feature} alone does not move the {found.outcome}."
    show = percent if found.outcome.startswith("probability") else number
    means = [point.mean for point in found.points]
    if not found.categorical and means in (sorted(means), sorted(means, reverse=True)):
        first, last = found.points[0], found.points[-1]
        return (
            f"With {found.feature} from {first.label} to {last.label}, the {found.outcome} "
            f"{'rises' if last.mean > first.mean else 'falls'} from {show(first.mean)} to {show(last.mean)}."
        )
    return (
        f"By {found.feature}, the {found.outcome} is lowest ({show(low.mean)}) at {low.label} and highest ({show(high.mean)}) "
        f"at {high.label}."
    )


def labels(report: Report) -> str:
    """How many labels are in doubt."""
    noise = _insight(report).label_noise
    if noise is None or not noise.suspects:
        return ""
    return (
        f"The labels of {noise.suspects:,} of {report.split.development_rows:,} development rows are in doubt: models that had not "
        "seen them say otherwise with confidence. Hard rows are among them as well as wrong labels; only a person can tell."
    )


def with_interval(scores: SliceScores, name: str) -> str:
    """A score with its interval; a dash where the rows leave it undefined."""
    metric, interval = metric_words(name), scores.intervals.get(name)
    if name not in scores.metrics:
        return "–"
    if interval is None:
        return metric.show(scores.metrics[name])
    low, high = sorted((metric.sign * interval.low, metric.sign * interval.high))
    return f"{metric.show(scores.metrics[name])} ({number(low)} to {number(high)})"


def _insight(report: Report) -> Insight:
    return report.insight or Insight()


def _metric(report: Report) -> MetricWords:
    return metric_words(report.cross_validation.metric)
