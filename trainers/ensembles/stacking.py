"""A model over what the families predict: Wolpert, "Stacked generalization", 1992.

With several layers the families are fitted again, on the columns and what the layer below predicts; the final model
combines the last layer. Every layer learns from predictions for rows that the layer below did not see, and the whole is
scored on folds that no layer saw: which predictions that takes is worked out in ``trainers/ensembles/crossfit.py``. Where
folds chain forward in time, rows before the first fold have no such prediction and no layer learns from them; every layer
loses another fold of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from trainers.data.table import Table, Task
from trainers.ensembles.crossfit import Crossed, Excluded, Key, final_keys, keys_below, learnable
from trainers.ensembles.ensemble import Dropped, Ensemble, EnsembleError, Material, Part, mean
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec, FinalModel
from trainers.families.fitting import predict
from trainers.fits import Added, Failed, Fit, FitAll, Fitted
from trainers.portable.ensemble import StackedClassifier, StackedRegressor, stack_logits

# The families behind the final models. In the ridge no member counts against: else a stack of a few hundred rows is often
# worse than its best member (Breiman, "Stacked regressions", 1996). The boosted one is small and slow: it has few columns.
FINALS: Mapping[FinalModel, tuple[str, Mapping[str, Any]]] = {
    FinalModel.LOGISTIC: ("logistic_regression", {"C": 10.0}),
    FinalModel.RIDGE: ("ridge", {"positive": True}),
    FinalModel.BOOSTED: (
        "hist_gradient_boosting",
        {"product_columns": 0, "learning_rate": 0.05, "max_iter": 100, "max_leaf_nodes": 8},
    ),
}
EVERYONE: Excluded = frozenset()
PROBED = 2000  # rows on which the members' share in the final model is measured


@dataclass(frozen=True)
class Model:
    """What a layer fits: a family with its parameters."""

    family: str
    params: Mapping[str, Any]
    rounds: int | None = None


@dataclass(frozen=True)
class Layer:
    """A layer's predictions, and its models.

    Attributes:
        depth: 1 for the layer of the search's best configurations.
        members: Its models.
        predictions: Predictions of each member, by key; keys for which there was nothing to learn from are missing.
        final: The members fitted on all development rows; None for the first layer, whose models the families are.
        rows: Rows that ``final`` was fitted on.
        fits: Fits done.
        seconds: Time of these fits.
        dropped: Members that could not be fitted.
    """

    depth: int
    members: tuple[Model, ...]
    predictions: Mapping[Key, tuple[np.ndarray, ...]]
    final: tuple[Any, ...] | None
    rows: int
    fits: int
    seconds: float
    dropped: tuple[Dropped, ...] = ()

    def names(self, classes: int) -> tuple[str, ...]:
        """Names of the columns it gives to the next layer."""
        each = [f" of class {c}" for c in range(1, classes)] if classes > 2 else [""]
        return tuple(f"{model.family}{which}, layer {self.depth}" for model in self.members for which in each)


def wanted(spec: EnsembleSpec, given: Material) -> dict[str, set[Key]]:
    """Predictions of the families it needs."""
    keys = _keys(spec, given)[0]
    return {leader.family: keys for leader in given.leaders[: spec.members]}


def stacking(spec: EnsembleSpec, given: Material, crossed: Crossed, fit_all: FitAll) -> Ensemble:
    """Stacks the families.

    Raises:
        EnsembleError: No family, or no final model, could be fitted.
    """
    keys = _keys(spec, given)
    layers = [_first(spec, given, crossed, keys[0])]
    everything = tuple(column.name for column in given.table.columns)
    for depth in range(2, (spec.layers or 1) + 1):
        layers.append(_fit_layer(layers[-1].members, everything, layers[-1], keys[depth - 1], given, fit_all))
    family, params = FINALS[spec.final_model or FinalModel.LOGISTIC]
    if spec.passthrough and "positive" in params:
        params = {}  # the columns may well count against
    final = Model(family, params)
    top = _fit_layer((final,), everything if spec.passthrough else (), layers[-1], keys[-1], given, fit_all)
    if top.final is None:
        raise EnsembleError("There are too few out-of-fold predictions to fit a final model on.")
    shares = _shares(top.final[0], layers[-1], given)
    leaders = {leader.family: leader for leader in given.leaders}
    plain = [[leaders[model.family].predictions[k] for model in layers[0].members] for k in range(len(given.y_folds))]
    return Ensemble(
        kind=EnsembleKind.STACKING,
        params={
            "families": [model.family for model in layers[0].members],
            "layers": spec.layers,
            "passthrough": spec.passthrough,
            "final_model": str(spec.final_model),
        },
        parts=tuple(
            Part(model.family, share, model.params) for model, share in zip(layers[-1].members, shares, strict=True)
        ),
        dropped=tuple(each for layer in (*layers, top) for each in layer.dropped),
        predictions=tuple(_scored(top, k, plain[k]) for k in range(len(plain))),
        members=tuple(layers[-1].predictions.get((frozenset({k}), k), tuple(plain[k])) for k in range(len(plain))),
        fits=sum(layer.fits for layer in (*layers, top)),
        fit_seconds=sum(layer.seconds for layer in (*layers, top)),
        assemble=lambda families: _assemble(layers, top.final, families, given.table),
        rows_left_out=len(given.split.development) - top.rows,
    )


def _keys(spec: EnsembleSpec, given: Material) -> list[set[Key]]:
    """Predictions that are needed of each layer, from the first to the final model."""
    keys = [final_keys(given.split)]
    for _ in range(spec.layers or 1):
        keys.insert(0, keys_below(given.split, keys[0]))
    return keys


def _scored(top: Layer, k: int, members: Sequence[np.ndarray]) -> np.ndarray:
    """The fold's prediction; the members' mean where nothing could be learned yet, as in the first folds of time."""
    predicted = top.predictions.get((frozenset({k}), k))
    return mean(members) if predicted is None else predicted[0]


def _first(spec: EnsembleSpec, given: Material, crossed: Crossed, keys: set[Key]) -> Layer:
    asked = given.leaders[: spec.members]
    kept = [leader for leader in asked if leader.family not in crossed.failures]
    if not kept:
        raise EnsembleError(f"None of its families could be fitted. {next(iter(crossed.failures.values()))}")
    return Layer(
        depth=1,
        members=tuple(Model(leader.family, leader.params, leader.rounds) for leader in kept),
        predictions={key: tuple(crossed.predictions[leader.family, key] for leader in kept) for key in keys},
        final=None,
        rows=len(given.split.development),
        fits=sum(crossed.fits[leader.family] for leader in asked),
        seconds=sum(crossed.seconds[leader.family] for leader in asked),
        dropped=tuple(Dropped(each.family, crossed.failures[each.family]) for each in asked if each not in kept),
    )


def _fit_layer(
    models: Sequence[Model],
    columns: tuple[str, ...],
    below: Layer,
    keys: set[Key],
    given: Material,
    fit_all: FitAll,
) -> Layer:
    """Fits models on columns of the table and what the layer below predicts, for every key and for all rows."""
    contexts = {EVERYONE, *(excluded for excluded, _ in keys)}
    ordered = sorted(contexts, key=lambda excluded: (len(excluded), sorted(excluded)))
    lessons = {each: lesson for each in ordered if (lesson := _lesson(each, keys, below, given)) is not None}
    asked = [(model, excluded) for excluded in lessons for model in models]
    outcomes = fit_all([_fit(*each, columns, lessons[each[1]], below, given) for each in asked])
    failed = {m.family: out.reason for (m, _), out in zip(asked, outcomes, strict=True) if isinstance(out, Failed)}
    kept = tuple(model for model in models if model.family not in failed)
    if not kept:
        raise EnsembleError(f"No model over layer {below.depth} could be fitted. {next(iter(failed.values()))}")
    done = {(m.family, s): out for (m, s), out in zip(asked, outcomes, strict=True) if isinstance(out, Fitted)}
    predictions: dict[Key, tuple[np.ndarray, ...]] = {}
    for excluded, lesson in lessons.items():
        ends = np.cumsum([len(given.split.folds[j].validation) for j in lesson.folds])[:-1]
        by_fold = zip(*(np.split(done[model.family, excluded].predictions, ends) for model in kept), strict=True)
        predictions |= {(excluded, j): each for j, each in zip(lesson.folds, by_fold, strict=False)}
    whole = lessons.get(EVERYONE)
    return Layer(
        depth=below.depth + 1,
        members=kept,
        predictions=predictions,
        final=tuple(done[model.family, EVERYONE].pipeline for model in kept) if whole else None,
        rows=len(whole.rows) if whole else 0,
        fits=len(done),
        seconds=sum(fitted.seconds for fitted in done.values()),
        dropped=tuple(Dropped(f"{family}, layer {below.depth + 1}", reason) for family, reason in failed.items()),
    )


def _fit(
    model: Model, excluded: Excluded, columns: tuple[str, ...], lesson: "_Lesson", below: Layer, given: Material
) -> Fit:
    scored = [given.split.folds[j].validation for j in lesson.folds]
    without = "".join(f", without fold {k + 1}" for k in sorted(excluded))
    return Fit(
        model.family,
        model.params,
        lesson.rows,
        given.seed,
        model.rounds,
        np.concatenate(scored or [lesson.rows[:0]]),
        columns,
        added=Added(below.names(len(given.table.classes)), lesson.values, lesson.score_values),
        keep_model=excluded == EVERYONE,
        label=f"{model.family} over layer {below.depth}{without}",
    )


@dataclass(frozen=True)
class _Lesson:
    """What a model that saw none of some folds learns from and predicts.

    Attributes:
        rows: n positions to fit on.
        values: (n, m) predictions of the layer below for these.
        folds: Folds to predict.
        score_values: Predictions of the layer below for the validation rows of these, one after the other.
    """

    rows: np.ndarray
    values: np.ndarray
    folds: tuple[int, ...]
    score_values: np.ndarray


def _lesson(excluded: Excluded, keys: set[Key], below: Layer, given: Material) -> _Lesson | None:
    """None where the layer below has nothing to learn from, or not every class."""
    found = [
        (given.split.folds[j].validation[mask], _columns(below.predictions[excluded | {j}, j], given.task)[mask])
        for j, mask in learnable(given.split, excluded).items()
        if (excluded | {j}, j) in below.predictions
    ]
    if not found:
        return None
    rows = np.concatenate([positions for positions, _ in found])
    if len(np.unique(given.table.target[rows])) < max(2, len(given.table.classes)):
        return None
    folds = tuple(sorted(j for each, j in keys if each == excluded and (excluded, j) in below.predictions))
    values = np.vstack([columns for _, columns in found])
    scored = [_columns(below.predictions[excluded, j], given.task) for j in folds]
    return _Lesson(rows, values, folds, np.vstack(scored) if scored else values[:0])


def _columns(predictions: Sequence[np.ndarray], task: Task) -> np.ndarray:
    return np.column_stack(predictions) if task is Task.REGRESSION else stack_logits(predictions)


def _shares(final: Any, below: Layer, given: Material) -> list[float]:
    """How much of the final model's answer hangs on each member: how far it moves when the member's columns are shuffled.

    Permutation importance (Breiman, "Random forests", 2001) of the answer instead of a score, so that it needs no labels.
    """
    lesson = _lesson(EVERYONE, set(), below, given)
    if lesson is None:
        return [1 / len(below.members)] * len(below.members)
    rng = np.random.default_rng(given.seed)
    probed = rng.permutation(len(lesson.rows))[:PROBED]
    X, names = given.table.features.iloc[lesson.rows[probed]], below.names(len(given.table.classes))
    values = lesson.values[probed]
    width = len(names) // len(below.members)

    def answer(values: np.ndarray) -> np.ndarray:
        return predict(final, X.assign(**dict(zip(names, values.T, strict=True))), given.task)

    plain, moved = answer(values), []
    for i in range(len(below.members)):
        shuffled = values.copy()
        shuffled[:, i * width : (i + 1) * width] = values[rng.permutation(len(values)), i * width : (i + 1) * width]
        moved.append(float(np.abs(answer(shuffled) - plain).mean()))
    total = sum(moved)
    return [each / total if total else 1 / len(moved) for each in moved]


def _assemble(layers: Sequence[Layer], final: tuple[Any, ...] | None, families: Mapping[str, Any], table: Table) -> Any:
    models = [
        [families[model.family] for model in layers[0].members],
        *(list(layer.final or ()) for layer in layers[1:]),
    ]
    names = [list(layer.names(len(table.classes))) for layer in layers]
    stacked = StackedRegressor if table.task is Task.REGRESSION else StackedClassifier
    return stacked(models, names, (final or (None,))[0])
