"""Whether there are rows enough of every class."""

from collections.abc import Iterator

import numpy as np

from trainers.data.split import Split
from trainers.data.table import Table, Task
from trainers.findings import Finding, Severity

RARE = 0.1
# Metrics that a model which ignores the rare class can still do well on.
BLIND_METRICS = frozenset({"accuracy", "neg_log_loss", "neg_brier_score"})
# Rows of a class in a validation fold below which the fold's score is mostly chance.
FEWEST = 10


def rare_classes(table: Table, split: Split, metric: str) -> Iterator[Finding]:
    """CLASS_IMBALANCE: a class with less than a tenth of the development rows."""
    if table.task is Task.REGRESSION:
        return
    shares = np.bincount(table.target[split.development], minlength=len(table.classes)) / len(split.development)
    rarest = int(shares.argmin())
    # With many classes a tenth is nothing rare.
    if shares[rarest] >= min(RARE, 0.5 / len(shares)):
        return
    blind = metric in BLIND_METRICS
    warning = f", and {metric} hardly counts it" if blind else ""
    yield Finding(
        "CLASS_IMBALANCE",
        Severity.WARNING if blind else Severity.INFO,
        f"Class {table.classes[rarest]} has {shares[rarest]:.2%} of the development rows{warning}.",
        "Search on average_precision or f1_macro, and choose the threshold by expected cost; resampling is seldom needed.",
        (table.target_name,),
        {"class": str(table.classes[rarest]), "share": float(shares[rarest])},
    )


def few_positives(table: Table, split: Split) -> Iterator[Finding]:
    """TOO_FEW_POSITIVES: a class with so few validation rows that a fold's score is mostly chance."""
    if table.task is Task.REGRESSION:
        return
    folds = [np.bincount(table.target[fold.validation], minlength=len(table.classes)) for fold in split.folds]
    fewest = np.min(folds, axis=0)
    # The positive class is what a binary metric is about; in a multiclass table each class is.
    rarest = int(fewest.argmin())
    if fewest[rarest] < FEWEST:
        yield Finding(
            "TOO_FEW_POSITIVES",
            Severity.WARNING,
            f"Class {table.classes[rarest]} has {fewest[rarest]} rows in a validation fold: fold scores will differ by chance"
            " more than models do.",
            f"Use fewer folds than {len(split.folds)}, or bring more rows of this class; read scores with their intervals.",
            (table.target_name,),
            {"class": str(table.classes[rarest]), "fewest_in_a_fold": int(fewest[rarest])},
        )
