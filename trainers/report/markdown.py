"""The report in Markdown, for merge requests, wikis and terminals: what the page says, without its pictures."""

from collections.abc import Iterable, Iterator

from trainers.report import insight_words, words
from trainers.report.brief import brief
from trainers.report.glossary import family_title, metric_words, number
from trainers.report.risks import risks, watch
from trainers.report.values import Report


def markdown(report: Report) -> str:
    """The whole report."""
    sections = (
        ("In short", bullets(brief(report))),
        ("What was chosen, and why", paragraphs(words.explain(report))),
        ("Options compared", _options(report)),
        ("The metric in plain words", [plain(metric_words(report.cross_validation.metric).meaning)]),
        ("Parts of the data", _parts(report)),
        ("What it leans on", _importances(report)),
        ("Risks", _risks(report)),
        ("Once in use, watch", bullets(watch(report))),
        ("Scores on the sealed test", scores_table(report)),
        ("To get these numbers again", _again(report)),
    )
    told = ((title, list(lines)) for title, lines in sections)
    body = "\n\n".join(f"## {title}\n\n" + "\n".join(lines) for title, lines in told if lines)
    return f"# {plain(report.decision)}\n\n{body}\n"


def scores_table(report: Report) -> Iterator[str]:
    """A table of every metric on the sealed test."""
    test = report.test
    rows = []
    for name, score in test.metrics.items():
        metric, interval = metric_words(name), test.intervals.get(name)
        ends = sorted((metric.sign * interval.low, metric.sign * interval.high)) if interval else []
        baseline = metric.show(test.baseline_metrics[name]) if name in test.baseline_metrics else "–"
        rows.append((metric.title, metric.show(score), " to ".join(map(number, ends)) or "–", baseline))
    yield from table(("Metric", "Score", "95 % interval", "Baseline"), rows)


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A table, the first column to the left and the others to the right."""
    names = list(head)
    yield f"| {' | '.join(names)} |"
    yield f"|---|{'---:|' * (len(names) - 1)}"
    for row in rows:
        yield f"| {' | '.join(map(plain, row))} |"


def paragraphs(texts: Iterable[str]) -> list[str]:
    """Texts with an empty line between them."""
    return "\n\n".join(map(plain, texts)).split("\n")


def bullets(texts: Iterable[str]) -> list[str]:
    """Texts as a list."""
    return [f"- {plain(text)}" for text in texts]


def plain(text: str) -> str:
    """One line of plain text: nothing in a name becomes markup."""
    for mark in "\\`*_[]<>|#":
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())


def _options(report: Report) -> Iterator[str]:
    metric = metric_words(report.cross_validation.metric)
    yield from table(
        ("Option", f"{metric.title}, mean over folds", "Why, or why not"),
        (
            (
                family_title(c.family),
                f"{metric.show(c.mean)} ± {number(c.std)}",
                "Chosen." if c.selected else words.readable(report, c.rejected_because),
            )
            for c in report.candidates
        ),
    )


def _parts(report: Report) -> Iterator[str]:
    slices = report.insight.slices if report.insight else None
    if slices is None or not slices.results:
        return
    metric = metric_words(slices.metric)
    yield from table(
        ("Part", "Out of fold", "Test", "Expected", "Verdict"),
        (
            (
                insight_words.part_name(part),
                insight_words.with_interval(part.out_of_fold, slices.metric),
                insight_words.with_interval(part.test, slices.metric) if part.test else "too few rows",
                metric.show(part.expected),
                insight_words.verdict(part),
            )
            for part in slices.results
        ),
    )


def _importances(report: Report) -> Iterator[str]:
    rows = ((i.feature, number(i.mean), f"{number(i.low)} to {number(i.high)}") for i in report.importances)
    if report.importances:
        fall = f"How much worse {metric_words(report.cross_validation.metric).title} gets when it is shuffled"
        yield from table(("Column", fall, "95 % interval"), rows)


def _risks(report: Report) -> Iterator[str]:
    for finding in risks(report):
        message = plain(words.readable(report, finding.message))
        yield f"- **{finding.severity.capitalize()}**: {message} What helps: {plain(finding.mends)}"


def _again(report: Report) -> Iterator[str]:
    manifest = report.manifest
    yield f"- Trainwright {plain(manifest.code_version)}, seed {manifest.seed}"
    yield f"- Table `{manifest.data_fingerprint}`, split `{manifest.split_digest}`, spec `{manifest.spec_digest}`"
    yield f"- Search: {report.search.trials} configurations, {report.search.fits} fits"
    if report.threshold is not None:
        yield f"- Threshold {report.threshold.value:.6g}: {plain(report.threshold.policy)}"
