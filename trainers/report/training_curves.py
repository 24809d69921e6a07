"""How each family's best configuration learned, in numbers and in a picture."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from trainers.evaluation.curves import REMEDIES, Shape, most_common, shape_of
from trainers.findings import Finding, Severity
from trainers.report.glossary import family_title
from trainers.report.plots import BLUE, ORANGE, Picture, picture
from trainers.report.values import TrainingCurve, TrainingCurves
from tuning.objective import Study
from tuning.result import SearchResult

# Rounds of a curve that are reported; what lies between them shows in no picture.
MOST_POINTS = 100
SHOWN = {shape: shape.value.replace("_", " ") for shape in Shape}
# The other shapes are told by the scores, which mean more: see trainers/evaluation/diagnosis.py.
NOTICED = (Shape.LEARNING_RATE_TOO_HIGH, Shape.LEARNING_RATE_TOO_LOW, Shape.UNSTABLE)


def training_curves(found: SearchResult, studies: Sequence[Study]) -> tuple[TrainingCurves, ...]:
    """The curves of each family that stops early, of its best configuration."""
    made = []
    for study in studies:
        best = found.best(study)
        folds = [
            _of_fold(k, details) for k, details in enumerate(best.details if best else ()) if details.get("curves")
        ]
        if folds:
            shape = most_common([Shape(fold.shape) for fold in folds])
            made.append(TrainingCurves(study.name, shape.value, REMEDIES[shape], tuple(folds)))
    return tuple(made)


def diagnose_curves(curves: Sequence[TrainingCurves], family: str) -> Iterator[Finding]:
    """What the curves of the chosen family say about its learning rate."""
    for each in curves:
        shape = Shape(each.shape)
        if each.family == family and shape in NOTICED:
            folds = sum(fold.shape == each.shape for fold in each.folds)
            yield Finding(
                code="UNSTABLE_TRAINING" if shape is Shape.UNSTABLE else shape.value.upper(),
                severity=Severity.WARNING,
                message=f"The loss curves of {family} look {SHOWN[shape]} in {folds} of {len(each.folds)} folds.",
                action=" ".join(each.remedies),
                evidence={"folds": folds},
            )


def curve_pictures(curves: Sequence[TrainingCurves], family: str) -> Iterator[Picture]:
    """The chosen family's curves, and those of every family that are not healthy."""
    for each in curves:
        if each.family == family or each.shape != Shape.HEALTHY:
            yield _picture(each)


def _picture(curves: TrainingCurves) -> Picture:
    def draw(figure: Figure) -> None:
        axes = figure.subplots()
        for i, fold in enumerate(curves.folds):
            train, held_out = ("rows that are fitted", "rows that are not") if i == 0 else (None, None)
            axes.plot(fold.rounds, fold.train_loss, color=BLUE, linewidth=1.2, linestyle="--", label=train)
            axes.plot(fold.rounds, fold.validation_loss, color=ORANGE, linewidth=1.2, label=held_out)
            axes.plot(fold.kept, min(fold.validation_loss), "o", color=ORANGE, markersize=4)
        axes.set(xlabel="boosting round or epoch", ylabel="loss")
        axes.legend(loc="upper right")

    kept = [fold.kept for fold in curves.folds]
    told = f"between {min(kept)} and {max(kept)} rounds" if min(kept) < max(kept) else f"{kept[0]} rounds"
    text = (
        f"The curves look {SHOWN[Shape(curves.shape)]}. A dot marks the rounds that each fold keeps, {told}. "
        f"{' '.join(curves.remedies)}"
    )
    return picture(f"learning_{curves.family}", f"How {family_title(curves.family)} learned", text, draw)


def _of_fold(fold: int, details: Mapping[str, Any]) -> TrainingCurve:
    curves: Mapping[str, Sequence[float]] = details["curves"]
    train, validation = curves["train_loss"], curves["validation_loss"]
    kept = int(np.argmin(validation)) + 1
    n = len(validation)
    shown = sorted({*np.linspace(1, n, min(n, MOST_POINTS)).round().astype(int).tolist(), kept})

    def at(name: str) -> tuple[float, ...]:
        return tuple(float(curves[name][i - 1]) for i in shown) if name in curves else ()

    return TrainingCurve(
        fold=fold,
        shape=shape_of(train, validation).value,
        kept=kept,
        rounds=tuple(shown),
        train_loss=at("train_loss"),
        validation_loss=at("validation_loss"),
        learning_rate=at("learning_rate"),
        gradient_norm=at("gradient_norm"),
    )
