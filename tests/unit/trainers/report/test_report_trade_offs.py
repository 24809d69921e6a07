"""The front of score against time: brute force finds the same, and the picture says it in words."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from trainers.report.trade_offs import front, trade_offs
from trainers.report.values import CandidateResult, Report


def candidate(family: str, mean: float, latency_ms: float) -> CandidateResult:
    return CandidateResult(family, "family", {}, mean, 0.01, (mean,), latency_ms=latency_ms)


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)), min_size=1, max_size=12))
def test_nothing_beats_the_front_and_everything_else_is_beaten(drawn: list[tuple[int, int]]) -> None:
    candidates = [candidate(str(i), mean, ms) for i, (mean, ms) in enumerate(drawn)]
    optimal = front(candidates)

    def beaten(c: CandidateResult) -> bool:
        others = [o for o in candidates if o.mean >= c.mean and o.latency_ms <= c.latency_ms]
        return any(o.mean > c.mean or o.latency_ms < c.latency_ms for o in others)

    assert not any(beaten(c) for c in optimal)
    undominated = {(c.mean, c.latency_ms) for c in candidates if not beaten(c)}
    assert undominated == {(c.mean, c.latency_ms) for c in optimal}


def report(*candidates: CandidateResult, limit: float | None = None) -> Report:
    example = Report.from_json((Path(__file__).parent / "binary.json").read_text())
    requirements = {"max_latency_ms": limit} if limit else {}
    manifest = replace(example.manifest, spec={**example.manifest.spec, "requirements": requirements})
    return replace(example, candidates=candidates, manifest=manifest)


def test_the_picture_names_the_front_and_the_limit() -> None:
    fast, slow, worse = candidate("ridge", 0.7, 2.0), candidate("xgboost", 0.8, 20.0), candidate("svm", 0.6, 30.0)
    [drawn] = trade_offs(report(fast, slow, worse, limit=25.0))
    assert "ridge (2.00 ms, 0.700), then xgboost (20.0 ms, 0.800)" in drawn.text
    assert "At most 25.0 ms" in drawn.text
    assert "svm" not in drawn.text
    ElementTree.fromstring(drawn.svg)


def test_without_measures_there_is_no_picture() -> None:
    assert not list(trade_offs(report(candidate("ridge", 0.7, 0.0), candidate("svm", 0.8, 3.0))))
