"""Draws the report of a finished job for a terminal."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from trainwright.render import columns, finding, pairs, parameters
from trainwright.values import Finding, JobInfo

Report = Mapping[str, Any]


def report(job: JobInfo) -> RenderableType:
    """Draws what was chosen, how good it is, what the threshold costs, the candidates, and where everything lies."""
    body = job.report or {}
    parts: list[RenderableType] = [_chosen(body), _title("Scores"), _scores(body)]
    if body.get("threshold"):
        parts += [_title("Decision threshold"), *_threshold(body)]
    parts += [_title("Candidates"), _candidates(body)]
    warnings = [each for each in body.get("findings", ()) if each["severity"] != "info"]
    if warnings:
        parts += [_title("Findings"), *(finding(Finding(**each)) for each in warnings)]
    parts += [_title("Where it is"), _places(job, body)]
    return Group(*parts)


def _chosen(body: Report) -> Table:
    selected = body.get("selected", {})
    return pairs(
        [
            ("decision", body.get("decision", "")),
            ("model", Text(selected.get("family", ""), style="bold green")),
            ("parameters", parameters(selected.get("params", {}))),
            ("why", selected.get("reason", "")),
            ("whole search", _nested(body)),
            ("carries over", body.get("insight", {}).get("generalisation", {}).get("verdict", "")),
            ("weak where", _weak(body)),
            ("more rows", _more_rows(body)),
        ]
    )


def _nested(body: Report) -> str:
    """What nested cross-validation says; empty, and so not shown, without it."""
    outer = body.get("nested")
    if not outer:
        return ""
    times, folds = round(outer["agreement"] * len(outer["folds"])), len(outer["folds"])
    return f"{_mean(outer)} by nested cross-validation; {outer['family']} chosen in {times} of {folds} folds"


def _weak(body: Report) -> str:
    """Parts of the data where the model is worse than chance explains; empty, and so not shown, where there is none."""
    parts = body.get("insight", {}).get("slices", {}).get("results", ())
    weak = [part for part in parts if part.get("beyond_chance")]
    return "; ".join(f"{part['name']} ({part['score']:.4f}, {part['expected']:.4f} expected)" for part in weak)


def _more_rows(body: Report) -> str:
    curve = body.get("insight", {}).get("learning_curve")
    if not curve:
        return ""
    low, high = curve["next_low"], curve["next_high"]
    metric = body.get("cross_validation", {}).get("metric", "")
    return f"twice as many would bring about {curve['next_doubling']:.4f} ({low:.4f} to {high:.4f}) in {metric}"


def _scores(body: Report) -> Table:
    cross, baseline, test = (body.get(part, {}) for part in ("cross_validation", "baseline", "test"))
    folds, metric = cross.get("folds", ()), cross.get("metric", "")
    table = columns(
        "metric",
        f"cross-validation, {len(folds)} folds>",
        f"test, {test.get('rows', 0):,} rows, 95 %>",
        f"baseline {baseline.get('family', '')} on test>",
    )
    names = sorted(test.get("metrics", {}), key=lambda name: (name != metric, name))
    for name in names:
        validated = f"{_mean(cross)} ({min(folds):.4f} to {max(folds):.4f})" if name == metric and folds else ""
        table.add_row(name, validated, _with_interval(test, name), _number(test.get("baseline_metrics", {}).get(name)))
    if metric and metric not in names:
        table.add_row(metric, _mean(cross))
    return table


def _threshold(body: Report) -> Iterator[RenderableType]:
    threshold, test = body["threshold"], body.get("test", {})
    yield Text(f"{threshold['value']:.4f}: {threshold['policy']}")
    costs = any(side.get(at, {}).get("cost") for side in (threshold, test) for at in ("chosen", "at_half"))
    table = columns("", "rows", "threshold>", "recall>", "precision>", "flagged>", *(["cost>"] if costs else []))
    family = body.get("baseline", {}).get("family", "")
    names = {"chosen": "chosen", "shared": "one for all", "at_half": "at 0.5", "baseline": f"baseline {family}"}
    for side, rows in (("out-of-fold", threshold), ("test", test)):
        for at, name in names.items():
            point = rows.get(at)
            if point:
                shares = [f"{point[share]:.1%}" for share in ("recall", "precision", "flagged")]
                cost = [f"{point['cost']:,.0f}"] if costs else []
                table.add_row(name, side, f"{point['threshold']:.4f}", *shares, *cost, style="bold" * (at == "chosen"))
    yield table
    if segments := threshold.get("segments"):
        own = (f"{', '.join(s['values'])} {s['threshold']:.4f}" for s in segments if s.get("own"))
        yield Text(f"By {' and '.join(threshold['segment_on'])}: {'; '.join(own)}. Others use the one above.")
    if band := threshold.get("band"):
        share = test.get("band", band["chosen"])["reviewed"]
        yield Text(f"From {band['lower']:.4f} to {band['upper']:.4f} a person decides: {share:.1%} of the rows.")
    if costs and test.get("chosen"):
        yield Text(_cost_sentence(test))


def _cost_sentence(test: Report) -> str:
    cost = test["chosen"]["cost"]
    others = [
        f"{test[at]['cost']:,.0f} {name}"
        for at, name in (("at_half", "at 0.5"), ("baseline", "for the baseline"))
        if test.get(at)
    ]
    return f"On the test rows the chosen threshold costs {cost:,.0f}, against {' and '.join(others)}."


def _candidates(body: Report) -> Table:
    table = columns("family", "kind", "cross-validation>", "trials>", "fit s>", "outcome")
    for each in body.get("candidates", ()):
        outcome = "chosen" if each["selected"] else each["rejected_because"]
        table.add_row(
            each["family"],
            each["kind"],
            _mean(each),
            str(each["trials"]),
            f"{each['fit_seconds']:.1f}",
            outcome,
            style="bold" if each["selected"] else "",
        )
    return table


def _places(job: JobInfo, body: Report) -> Table:
    tracking = body.get("tracking", {})
    version = tracking.get("model_version", "")
    run = f"experiment {tracking.get('experiment', '')}, run {tracking.get('run_id', '')}"
    return pairs(
        [
            ("report", f"{job.output_uri}/report.html" if job.output_uri else ""),
            ("model", f"{tracking.get('model_uri', '')}{f', version {version}' if version else ''}"),
            ("MLflow", f"mlflow ui --backend-store-uri {tracking['uri']}   ({run})" if tracking.get("uri") else ""),
            ("TensorBoard", f"tensorboard --logdir {_tensorboard(job)}" if job.output_uri else ""),
        ]
    )


def _tensorboard(job: JobInfo) -> str:
    """The service keeps a job's files in {state}/jobs/{id} and every job's curves in {state}/tensorboard."""
    scheme, separator, path = job.output_uri.rpartition("://")
    return f"{scheme}{separator}{PurePosixPath(path).parent.parent / 'tensorboard'}"


def _title(text: str) -> Text:
    return Text(f"\n{text}", style="bold")


def _mean(scores: Report) -> str:
    return f"{scores['mean']:.4f} ± {scores['std']:.4f}" if "mean" in scores else ""


def _with_interval(test: Report, name: str) -> str:
    interval = test.get("intervals", {}).get(name)
    span = f" [{interval['low']:.4f}, {interval['high']:.4f}]" if interval else ""
    return f"{test['metrics'][name]:.4f}{span}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
