"""Single rows worth a look: those that the model got most wrong, and those whose label is in doubt."""

from collections.abc import Iterator, Sequence

import numpy as np
from cleanlab.filter import find_label_issues
from scipy.stats import binomtest

from trainers.data.table import Table, Task
from trainers.evaluation.answers import Answers
from trainers.evaluation.metrics import by_class
from trainers.findings import Finding, Severity
from trainers.insight.outcome import shown
from trainers.report.values import HardRow, LabelNoise, LabelSuspect, Reason

MOST_SHOWN = 8
SURE = 0.25  # share of the rows predicted as a class, those predicted with most certainty
FEWEST_SURE = 20
SURE_PROBABILITY = 0.75  # a model that is no surer than this tells nothing of labels
NOISY = 0.05  # contradictions of the surest predictions, lower end of the interval ...
PLATEAU = 0.5  # ... and their share beside that of the less sure ones: it falls with sureness where classes overlap


def row_losses(y: np.ndarray, predictions: np.ndarray) -> np.ndarray:
    """Log loss of each row, at most 6.9; of a quantity the absolute error, (n,)."""
    if not np.issubdtype(y.dtype, np.integer):
        errors: np.ndarray = np.abs(y - predictions)
        return errors
    probabilities = by_class(predictions)[np.arange(len(y)), y]
    losses: np.ndarray = -np.log(np.maximum(probabilities, 1e-3))
    return losses


def hardest_rows(
    table: Table, rows: np.ndarray, answers: Answers, reasons: Sequence[Sequence[Reason]]
) -> tuple[HardRow, ...]:
    """Rows as the report shows them.

    Args:
        table: The table.
        rows: h positions.
        answers: For these rows.
        reasons: For each row, what moved its prediction.
    """
    y, told = table.target[rows], likeliest(answers.predictions)
    losses, labels = row_losses(y, answers.predictions), answers.labels
    return tuple(
        HardRow(
            row=int(rows[i]),
            truth=f"{y[i]:.6g}" if labels is None else str(table.classes[y[i]]),
            prediction=float(told[i]),
            loss=float(losses[i]),
            reasons=tuple(reasons[i]),
            predicted="" if labels is None else str(table.classes[labels[i]]),
        )
        for i in range(len(rows))
    )


def likeliest(predictions: np.ndarray) -> np.ndarray:
    """P(class 1), the greatest of k probabilities, or the value, (n,)."""
    greatest: np.ndarray = predictions.max(axis=1) if predictions.ndim == 2 else predictions
    return greatest


def label_noise(table: Table, rows: np.ndarray, predictions: np.ndarray, features: Sequence[str]) -> LabelNoise | None:
    """Labels that out-of-fold predictions contradict with confidence.

    Suspects are those of confident learning (Northcutt, Jiang and Chuang, "Confident Learning", 2021; cleanlab). They are for
    people to look at: hard rows are among them. How much noise there is shows in the surest predictions of a class, which are
    contradicted as often as labels are wrong, or decided by something that no column tells (anchor points: Liu and Tao,
    "Classification with Noisy Labels by Importance Reweighting", 2016). Told is the class with the most of it.

    Args:
        table: The table.
        rows: n development positions.
        predictions: Out-of-fold probabilities for them.
        features: Columns shown with a suspect.
    """
    if table.task is Task.REGRESSION:
        return None
    y, probabilities = table.target[rows], by_class(predictions)
    issues = find_label_issues(
        y, probabilities, filter_by="confident_learning", return_indices_ranked_by="self_confidence", n_jobs=1
    )
    none = np.zeros(0, dtype=bool)
    told = _contradictions(y, probabilities)
    sure, others = max(told, key=lambda each: float(each[0].mean()), default=(none, none))
    interval = binomtest(int(sure.sum()), len(sure)).proportion_ci(method="wilson") if len(sure) else None
    return LabelNoise(
        suspects=len(issues),
        sure_rows=len(sure),
        contradicted=float(sure.mean()) if len(sure) else 0.0,
        others=float(others.mean()) if len(others) else 0.0,
        low=float(interval.low) if interval else 0.0,
        high=float(interval.high) if interval else 1.0,
        shown=tuple(_suspect(table, int(rows[i]), probabilities[i], features) for i in issues[:MOST_SHOWN]),
    )


def diagnose_labels(noise: LabelNoise | None) -> tuple[Finding, ...]:
    """Tells of labels that are wrong more often than a healthy table's; nothing otherwise."""
    if noise is None or noise.low <= NOISY or noise.contradicted < PLATEAU * noise.others:
        return ()
    finding = Finding(
        "LABEL_NOISE",
        Severity.WARNING,
        f"Of the {noise.sure_rows:,} rows that the model is surest of in one class, {noise.contradicted:.2g} carry another label "
        f"(95 %: {noise.low:.2g} to {noise.high:.2g}), hardly fewer than of those it is less sure of ({noise.others:.2g}). Labels "
        f"may be wrong, or something decides that no column tells. {noise.suspects:,} labels are in doubt.",
        "Have a second person judge the rows listed as doubtful, without seeing the label.",
        evidence={
            "sure_rows": noise.sure_rows,
            "contradicted": noise.contradicted,
            "low": noise.low,
            "high": noise.high,
            "others": noise.others,
            "suspects": noise.suspects,
        },
        alternative="Settle by a written rule what counts as each class, and record who labelled what, so that doubtful "
        "sources can be left out.",
    )
    return (finding,)


def _contradictions(y: np.ndarray, probabilities: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """For each class that has enough: whether its surest predictions are contradicted, and whether its others are."""
    predicted, sureness = probabilities.argmax(axis=1), probabilities.max(axis=1)
    for k in range(probabilities.shape[1]):
        of_class = np.flatnonzero(predicted == k)
        order = of_class[np.argsort(-sureness[of_class], kind="stable")]
        sure, others = np.split(order, [max(FEWEST_SURE, round(SURE * len(order)))])
        if len(sure) >= FEWEST_SURE and sureness[sure].mean() >= SURE_PROBABILITY:
            yield y[sure] != k, y[others] != k


def _suspect(table: Table, row: int, probabilities: np.ndarray, features: Sequence[str]) -> LabelSuspect:
    given = int(table.target[row])
    others = np.where(np.arange(len(probabilities)) == given, -1, probabilities)
    return LabelSuspect(
        row=row,
        given=str(table.classes[given]),
        likely=str(table.classes[int(others.argmax())]),
        probability=float(probabilities[given]),
        values={name: shown(table.features[name].iloc[row]) for name in features},
    )
