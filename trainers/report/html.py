"""Renders the report as one self-contained page: no script, no font, no picture from anywhere else."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from trainers.report import decision_words, glossary, insight_words, risks, words
from trainers.report.brief import brief
from trainers.report.plots import Picture
from trainers.report.values import CandidateResult, Report, ThresholdPoint


@dataclass(frozen=True)
class Fact:
    """One of the few numbers at the top of the page."""

    value: str
    label: str


@dataclass(frozen=True)
class Bar:
    """A score as a bar; lengths are shares of the full width, from 0 to 1.

    Attributes:
        length: Mean score.
        low: Mean less one standard deviation.
        high: Mean plus one standard deviation.
    """

    length: float
    low: float
    high: float


def render(report: Report, pictures: Sequence[Picture]) -> str:
    """The whole page.

    Args:
        report: What is told; every text in it is escaped.
        pictures: What is shown beside the evidence, in reading order.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": glossary.number,
        "percent": glossary.percent,
        "family": glossary.family_title,
        "data_uri": _data_uri,
    }
    return environment.get_template("report.html.j2").render(
        report=report,
        words=words,
        decisions=decision_words,
        insights=insight_words,
        risks=risks,
        metric=glossary.metric_words(report.cross_validation.metric),
        metric_words=glossary.metric_words,
        facts=key_facts(report),
        brief=brief(report),
        outcome=words.outcome(report),
        options=options(report),
        bars=score_bars(report),
        sampled=sampled_thresholds(report),
        pictures=pictures,
    )


def key_facts(report: Report) -> tuple[Fact, ...]:
    """At most four numbers that decide whether to read on."""
    found = words.outcome(report)
    facts = []
    if found is not None and found.cases and found.others:
        facts.append(Fact(f"{glossary.out_of(found.caught / found.cases, 100)} of 100", "true cases are flagged"))
        facts.append(
            Fact(f"{glossary.out_of(found.alarms / found.others, 1000)} of 1,000", "other rows are flagged needlessly")
        )
    chosen, half = report.test.chosen, report.test.at_half
    if decision_words.has_costs(report) and chosen is not None and half is not None and half.cost:
        change = chosen.cost / half.cost - 1
        direction = "lower" if change < 0 else "higher"
        facts.append(Fact(f"{glossary.percent(abs(change))} {direction}", "cost than at the usual threshold of 0.5"))
    scores = report.test.metrics
    names = dict.fromkeys(name for name in (report.cross_validation.metric, *scores) if name in scores)
    facts += [Fact(glossary.metric_words(name).show(scores[name]), _on_test(report, name)) for name in names]
    return tuple(facts[:4])


def _on_test(report: Report, name: str) -> str:
    metric, interval = glossary.metric_words(name), report.test.intervals.get(name)
    if interval is None:
        return f"{metric.title} on the sealed test"
    low, high = sorted((metric.sign * interval.low, metric.sign * interval.high))
    return f"{metric.title} on the sealed test (95 %: {glossary.number(low)} to {glossary.number(high)})"


def options(report: Report) -> tuple[tuple[str, ThresholdPoint], ...]:
    """The ways to decide that are compared on the test rows (binary targets)."""
    test, baseline = report.test, glossary.family_title(report.baseline.family)
    rows = (
        ("Chosen model and threshold", test.chosen),
        ("Same model, one threshold for all segments", test.shared),
        ("Same model at 0.5", test.at_half),
        (f"Baseline: {baseline}", test.baseline),
    )
    return tuple((name, point) for name, point in rows if point is not None)


def score_bars(report: Report) -> tuple[Bar, ...]:
    """A bar for each candidate on one common scale: 0 to 1 where every score lies there, else 0 to the greatest."""
    sign = glossary.metric_words(report.cross_validation.metric).sign
    full = max((_reach(c, sign) for c in report.candidates), default=1.0)
    full = 1.0 if sign > 0 and full <= 1 else full
    return tuple(_bar(c, sign, full) for c in report.candidates)


def _reach(candidate: CandidateResult, sign: int) -> float:
    reach = sign * candidate.mean + candidate.std
    return reach if reach == reach and reach != float("inf") else 0.0


def _bar(candidate: CandidateResult, sign: int, full: float) -> Bar:
    def place(score: float) -> float:
        return min(1.0, max(0.0, score / full)) if full > 0 and score == score else 0.0

    middle = sign * candidate.mean
    return Bar(place(middle), place(middle - candidate.std), place(middle + candidate.std))


def sampled_thresholds(report: Report) -> tuple[ThresholdPoint, ...]:
    """About ten points of the threshold curve, the chosen one among them, ascending."""
    if report.threshold is None:
        return ()
    curve = report.threshold.curve
    spread = curve[:: max(1, len(curve) // 10)]
    single = report.threshold.shared or report.threshold.chosen
    return tuple(sorted({*spread, single}, key=lambda point: point.threshold))


def _data_uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{b64encode(svg).decode()}"
