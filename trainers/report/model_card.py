"""The model card, in Markdown: filled from the run, and marked where only a person can know.

Its headings follow Mitchell et al., "Model Cards for Model Reporting", 2019.
"""

from collections.abc import Iterable, Iterator

from trainers.report import risks, words
from trainers.report.glossary import family_title, metric_words, number
from trainers.report.insight_words import weak_parts
from trainers.report.markdown import plain, scores_table
from trainers.report.values import Report

TO_FILL = "**To be filled in by a person:**"


def model_card(report: Report) -> str:
    """The whole card."""
    sections = (
        ("Model details", _details(report)),
        ("Intended use", _use(report)),
        ("Factors", _factors(report)),
        ("Metrics and decision", _metrics(report)),
        ("Training and evaluation data", _data(report)),
        ("Results on the sealed test", _results(report)),
        ("Risks and caveats", _risks(report)),
        ("Ethical considerations", [f"{TO_FILL} who is affected by a wrong decision, and how they can object."]),
    )
    body = "\n\n".join(f"## {title}\n\n" + "\n".join(lines) for title, lines in sections)
    return f"# Model card: {plain(report.decision)}\n\n{body}\n"


def _details(report: Report) -> Iterator[str]:
    manifest, tracking = report.manifest, report.tracking
    yield f"- Model: {family_title(report.selected.family)}, with all preprocessing inside"
    yield f"- Parameters: {_pairs(report.selected.params.items()) or 'none'}"
    if report.selected.serialization == "cloudpickle":
        yield "- Saved as a pickle, which may run code when it is loaded: load it only where whoever trained it is trusted"
    elif report.selected.serialization:
        yield f"- Saved with {report.selected.serialization}, which runs no code when it is loaded"
    for member in report.selected.members:
        yield f"- Member: {family_title(member.family)}, weight {number(member.weight)}"
    yield f"- Made by: Trainwright {plain(manifest.code_version)}, seed {manifest.seed}"
    yield f"- Packages: {_pairs(manifest.packages.items()) or 'not recorded'}"
    if tracking is not None:
        version = f", version {tracking.model_version} in the registry" if tracking.model_version else ""
        yield f"- Location: `{tracking.model_uri}` in MLflow experiment {plain(tracking.experiment)}{version}"
    yield f"- {TO_FILL} owner and contact."


def _use(report: Report) -> Iterator[str]:
    yield f"- Decision: {plain(report.decision)}"
    yield f"- Output: {_output(report)}"
    yield f"- {TO_FILL} who acts on the output, and uses it must not be put to."


def _output(report: Report) -> str:
    target = plain(report.data.target)
    if report.threshold is not None:
        by = " and ".join(map(plain, report.threshold.segment_on))
        own = f", or its segment's own threshold by {by}" if by else ""
        if report.threshold.band is not None:
            own = f"; “{plain(report.threshold.band.label)}” stands for rows that a person decides"
        return (
            f"a label of {target}; a row gets class {plain(report.data.positive_class)} when its probability is at least "
            f"{report.threshold.value:.6g}{own}"
        )
    return f"the most probable class of {target}" if report.task == "multiclass" else f"a value of {target}"


def _factors(report: Report) -> Iterator[str]:
    strongest = [f"{plain(item.feature)} ({number(item.mean)})" for item in report.importances[:5]]
    if strongest:
        yield f"- Columns the model leans on most, by permutation importance: {', '.join(strongest)}"
    slices = report.insight.slices if report.insight else None
    if slices is not None and slices.results:
        weak = "; ".join(plain(part.name) for part in weak_parts(report))
        yield f"- Parts of the data looked at: {slices.looked_at}; worse than chance explains: {weak or 'none'}"
    yield f"- {TO_FILL} other groups, sites or conditions for which it may work less well."


def _metrics(report: Report) -> Iterator[str]:
    metric = metric_words(report.cross_validation.metric)
    yield f"- Candidates were compared by {metric.title}. {metric.meaning}"
    if report.threshold is not None:
        yield f"- Threshold policy: {plain(report.threshold.policy)}; chosen on out-of-fold predictions, never on the test"
    if report.class_decision is not None:
        yield f"- Decision policy: {plain(report.class_decision.policy)}; chosen on out-of-fold predictions, never on the test"


def _data(report: Report) -> Iterator[str]:
    data, split = report.data, report.split
    yield f"- Table: `{data.uri}`, {data.rows:,} rows, {len(data.columns)} feature columns, SHA-256 `{data.fingerprint}`"
    if data.class_counts:
        yield f"- Rows by class: {_pairs(data.class_counts.items())}"
    yield (
        f"- {split.kind.capitalize()} split: {split.development_rows:,} development rows in {len(split.folds)} folds, "
        f"{split.test_rows:,} sealed test rows"
    )
    if report.nested is not None:
        score = metric_words(report.nested.metric).show(report.nested.mean)
        yield f"- Nested cross-validation of the whole search: {score} over {len(report.nested.folds)} folds"
    for opening in split.openings:
        yield f"- Test opened {opening.time} by {plain(opening.by)}: {plain(opening.why)}"
    yield f"- {TO_FILL} how the rows were gathered, from when and where, and under which licence."


def _results(report: Report) -> Iterator[str]:
    yield from scores_table(report)
    for paragraph in words.explain(report):
        yield f"\n{plain(paragraph)}"


def _risks(report: Report) -> Iterator[str]:
    for finding in risks.risks(report):
        yield f"- {finding.severity.capitalize()}: {plain(words.readable(report, finding.message))} {plain(finding.mends)}"
    for line in risks.watch(report):
        yield f"- Watch: {plain(line)}"
    yield f"- {TO_FILL} when the model is to be retrained or switched off, and by whom."


def _pairs(items: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{plain(str(name))} {plain(str(value))}" for name, value in items)
