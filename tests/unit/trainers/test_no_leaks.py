"""A leak planted in the rows that must not be seen, at each step of a run, changes nothing that is fitted or chosen.

Where a step could be shown to notice the plant, it is shown, so that no test passes because its plant is too weak.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cluster.resources import ComputeSpec
from tests.ensembling import SPECS, FittedHere, made, material
from trainers import finalists, fits
from trainers.data.resample import ResampleMethod, ResampleSpec
from trainers.data.split import Split, SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.deciding import settle
from trainers.ensembles.combine import combine
from trainers.ensembles.ensemble import Material
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.evaluation.metrics import default_metric, metric
from trainers.families import registry
from trainers.families.fitting import Treatment, fit_rows, predict
from trainers.fits import Fit, Fitters
from trainers.objective import FoldObjective
from trainers.plan import Prepared
from trainers.spec import TrainingSpec
from tuning.objective import Study
from tuning.result import SearchResult, TrialOutcome, TrialState

ROWS = 180
FOLD = 1
QUICK = {name: {"n_estimators": 10} for name in ("random_forest", "extra_trees", "ada_boost")}
EACH_FAMILY = [(name, task) for name, family in registry.FAMILIES.items() for task in sorted(family.tasks)[::2]]
BOOSTERS = [name for name, family in registry.FAMILIES.items() if family.boosting]
Plant = Callable[[pd.DataFrame, np.ndarray], None]


def make_table(task: Task) -> Table:
    """Something to learn, with gaps, a few rare categories and the row's number in a column of its own."""
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(ROWS, 3)), columns=["signal", "gaps", "other"])
    score = features["signal"] + 0.5 * features["gaps"] + rng.normal(size=ROWS)
    features["gaps"] = features["gaps"].mask(rng.random(ROWS) < 0.3)
    features["kind"] = pd.Series(rng.choice(["a", "b", "c"], ROWS), dtype=object)
    # Too rare for columns of their own.
    features.loc[rng.choice(ROWS, 4, replace=False), "kind"] = ["rare", "odd"] * 2
    k = {Task.BINARY: 2, Task.MULTICLASS: 3}.get(task)
    target = score.to_numpy() if k is None else pd.qcut(score, [0, 0.7, 1] if k == 2 else k, labels=False).to_numpy()
    columns = tuple(
        Column(name, ColumnRole.CATEGORICAL if name == "kind" else ColumnRole.NUMERIC, "x", 0, 9) for name in features
    )
    return Table("memory", features, target, task, tuple(range(k or 0)), columns, features, "y", "0")


@pytest.fixture(scope="module")
def tables() -> dict[Task, tuple[Table, Split]]:
    made = {task: make_table(task) for task in Task}
    return {task: (table, assign(table, SplitSpec(folds=3, seed=1))) for task, table in made.items()}


def planted(table: Table, rows: np.ndarray, plant: Plant) -> Table:
    """The table with ``plant`` in the rows."""
    features, target = table.features.copy(), table.target.copy()
    inside = features.loc[rows].copy()
    turned = target[rows].copy()
    plant(inside, turned)
    features.loc[rows] = inside
    target[rows] = turned
    return replace(table, features=features, target=target)


def sealed(split: Split) -> np.ndarray:
    return np.setdiff1d(np.arange(ROWS), split.development)


def halves(split: Split) -> tuple[np.ndarray, np.ndarray]:
    """Unseen rows to plant in (half of the fold's validation rows and all sealed ones), and validation rows to watch."""
    validation = split.folds[FOLD].validation
    return np.union1d(validation[::2], sealed(split)), validation[1::2]


def everything(features: pd.DataFrame, target: np.ndarray) -> None:
    features[["signal", "gaps", "other"]] = 1e3
    features["kind"] = "rare"
    turn(features, target)


def turn(features: pd.DataFrame, target: np.ndarray) -> None:
    """Every label becomes another one; a number is mirrored."""
    target[:] = target.max() + target.min() - target if target.dtype == float else (target + 1) % (target.max() + 1)


def objective(table: Table, split: Split, method: ResampleMethod = ResampleMethod.NONE) -> FoldObjective:
    return FoldObjective(
        table, split, metric(default_metric(table.task), table.task), ResampleSpec(method=method), 3, threads=1
    )


def watched(table: Table, split: Split, family: str, method: ResampleMethod = ResampleMethod.NONE) -> tuple[Any, ...]:
    """What a fold's fit says of the watched rows, and what it tells of itself."""
    result = objective(table, split, method).evaluate(family, QUICK.get(family, {}), FOLD)
    rows = np.isin(split.folds[FOLD].validation, halves(split)[1])
    return result.predictions[rows].tolist(), result.details


@pytest.mark.parametrize(("family", "task"), EACH_FAMILY)
def test_no_family_notices_a_plant_in_unseen_rows(tables, family, task):
    """Of every step at once: preparation, rounds, model. Not a bit of the prediction changes."""
    table, split = tables[task]
    poisoned = planted(table, halves(split)[0], everything)
    assert watched(poisoned, split, family) == watched(table, split, family)


@pytest.mark.parametrize("method", ResampleMethod)
@pytest.mark.parametrize("family", ["logistic_regression", "hist_gradient_boosting"])
def test_no_sampler_and_no_prior_notices_a_plant_in_unseen_rows(tables, family, method):
    """With every other label turned, a sampler or a prior that saw them would find other class shares."""
    table, split = tables[Task.BINARY]
    poisoned = planted(table, halves(split)[0], everything)
    assert watched(poisoned, split, family, method) == watched(table, split, family, method)


def fill(features: pd.DataFrame, target: np.ndarray) -> None:
    features["gaps"] = 2.0  # moves the median


def spread(features: pd.DataFrame, target: np.ndarray) -> None:
    features["other"] = 100.0 * features["other"]


def meet(features: pd.DataFrame, target: np.ndarray) -> None:
    features["kind"] = "new"


def frequent(features: pd.DataFrame, target: np.ndarray) -> None:
    features["kind"] = "rare"


PLANTS = {"imputer": fill, "scaler": spread, "encoder": meet, "rare categories": frequent}


@pytest.mark.parametrize("step", PLANTS)
def test_a_step_of_the_preparation_that_saw_its_plant_would_tell(tables, step):
    """Fitted on the training rows the pipeline says the same; with its preparation fitted on the planted rows it does not."""
    table, split = tables[Task.BINARY]
    unseen, rows = halves(split)
    train = split.folds[FOLD].train
    if step in ("encoder", "rare categories"):
        table = planted(table, rows[:2], PLANTS[step])  # two that are watched have the category too
    poisoned = planted(table, unseen, PLANTS[step])

    def leaky(table: Table) -> np.ndarray:
        pipeline = registry.get("logistic_regression").build(table.task, {}, table.columns, 3, 1)
        pipeline["prepare"].fit(table.features.loc[np.union1d(train, unseen)])
        pipeline["model"].fit(pipeline["prepare"].transform(table.features.loc[train]), table.target[train])
        return predict(pipeline, table.features.loc[rows], table.task)

    assert watched(poisoned, split, "logistic_regression") == watched(table, split, "logistic_regression")
    assert not np.allclose(leaky(poisoned), leaky(table))


@pytest.mark.parametrize("family", BOOSTERS)
def test_rounds_are_not_found_on_unseen_rows(tables, family):
    """With the labels of the validation rows turned the rounds stay; stopped on those rows they would not."""
    table, split = tables[Task.BINARY]
    fold = split.folds[FOLD]
    poisoned = planted(table, fold.validation, turn)
    honest = [objective(t, split).evaluate(family, {}, FOLD).details for t in (table, poisoned)]
    assert honest[0] == honest[1]
    leaky = [
        fit_rows(
            registry.get(family), {}, t, fold.train, (fold.train, fold.validation), Treatment(ResampleSpec(), 3, 1)
        )
        for t in (table, poisoned)
    ]
    assert leaky[0].rounds != leaky[1].rounds


def outcomes(table: Table, split: Split, families: Sequence[str]) -> list[tuple[TrialOutcome, tuple[np.ndarray, ...]]]:
    """One trial a family, as a search finds it, and its out-of-fold predictions."""
    made = objective(table, split)
    found = []
    for number, family in enumerate(families):
        folds = [made.evaluate(family, {}, k) for k in range(made.folds)]
        study = Study(family, {}, {})
        scores, details = tuple(f.score for f in folds), tuple(f.details for f in folds)
        outcome = TrialOutcome(number, study, {}, TrialState.COMPLETED, scores, 1.0, "", details)
        found.append((outcome, tuple(f.predictions for f in folds)))
    return found


MEMBERS = {
    Task.BINARY: ("logistic_regression", "decision_tree"),
    Task.MULTICLASS: ("logistic_regression", "decision_tree"),
    Task.REGRESSION: ("ridge", "decision_tree"),
}


SIDES: Mapping[str, SplitSpec] = {
    "random": SplitSpec(folds=4, seed=1),
    "grouped": SplitSpec(folds=4, seed=1, group_on=("batch",)),
    "time": SplitSpec(folds=4, seed=1, time_on="day"),
}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize(
    ("task", "side"),
    [
        (Task.BINARY, "grouped"),
        (Task.BINARY, "time"),
        (Task.MULTICLASS, "random"),
        (Task.REGRESSION, "grouped"),
        (Task.REGRESSION, "time"),
    ],
)
def test_an_ensemble_predicts_a_fold_without_what_the_fold_may_not_see(tables, task, side, name):
    """Neither its labels nor, in time, any later ones, at first hand or through the members' out-of-fold predictions.

    Every label that the fold does not train on is turned, and all begins anew, the members' fits too: not a bit of its
    predictions changes, while those of other folds do.
    """
    table = tables[task][0]
    table = replace(table, keys=table.features.assign(batch=np.arange(ROWS) // 3, day=np.arange(ROWS)))
    split = assign(table, SIDES[side])
    measure = metric(default_metric(task), task)

    def predicted(table: Table) -> tuple[np.ndarray, ...]:
        return made(SPECS[name], material(table, split, measure, MEMBERS[task]), FittedHere(table).fit_all).predictions

    fold = 2
    unseen = np.setdiff1d(np.arange(ROWS), split.folds[fold].train)
    before, after = predicted(table), predicted(planted(table, unseen, turn))
    np.testing.assert_array_equal(before[fold], after[fold])
    assert not np.array_equal(before[3], after[3])


@pytest.mark.parametrize("task", Task)
def test_a_bag_is_drawn_from_development_rows_for_the_model_and_from_training_rows_for_a_fold(tables, task):
    table, split = tables[task]
    here = FittedHere(table)
    given = material(table, split, metric(default_metric(task), task), MEMBERS[task][1:])
    made(EnsembleSpec(kind=EnsembleKind.BAGGING, members=2), given, here.fit_all)
    for i, job in enumerate(here.jobs):
        rows, scored = split.development, np.empty(0)
        if i >= 2:
            rows, scored = split.folds[i // 2 - 1].train, split.folds[i // 2 - 1].validation
        assert set(job.rows) <= set(rows)
        assert set(job.score_rows) == (set(rows) - set(job.rows)) | set(scored)


def refitted(table: Table, split: Split, found: SearchResult, studies: Sequence[Study]) -> tuple[Any, FittedHere]:
    here = FittedHere(table)
    measure = metric(default_metric(table.task), table.task)
    spec = TrainingSpec.model_validate({"decision": "d", "data": {"uri": "memory", "target": "y"}})
    ready = Prepared(spec, table, split, measure, tuple(studies[:1]), tuple(studies[1:]), ())
    leaders = finalists.leaders_of(found, studies[1:])
    given = Material(leaders, table, split, measure, 3)
    ensembles = combine([SPECS["bagging"], SPECS["stacking"]], given, here.fit_all).ensembles
    return finalists.fit_finalists(ready, found, leaders, ensembles, here.fit_all), here


def test_the_final_models_are_fitted_on_development_rows_alone(tables, monkeypatch):
    """Baseline, families, one that boosts, a bag and a stack: a plant in the sealed rows leaves all of them as they were."""
    table, split = tables[Task.BINARY]
    monkeypatch.setattr(finalists, "measure", lambda models, rows: [None] * len(models))
    found = outcomes(table, split, ("logistic_regression", "decision_tree", "hist_gradient_boosting"))
    kept = {outcome.number: predictions for outcome, predictions in found}
    studies = [outcome.study for outcome, _ in found]
    best = SimpleNamespace(
        outcomes=tuple(outcome for outcome, _ in found),
        best=lambda study: next(outcome for outcome, _ in found if outcome.study == study),
        predictions=lambda outcome: kept[outcome.number],
    )
    models, asked = refitted(table, split, best, studies)
    poisoned, _ = refitted(planted(table, sealed(split), everything), split, best, studies)
    assert [set(job.rows) for job in asked.jobs[-3:]] == [set(split.development)] * 3
    assert all(set(job.rows) | set(job.score_rows) <= set(split.development) for job in asked.jobs)
    probe = table.features.iloc[sealed(split)]
    for before, after in zip(models, poisoned, strict=True):
        np.testing.assert_array_equal(before.model.predict_proba(probe), after.model.predict_proba(probe))
        assert before.candidate.fold_scores == after.candidate.fold_scores


def test_calibration_threshold_and_margins_are_chosen_without_sealed_labels(tables):
    table, split = tables[Task.BINARY]
    predictions = outcomes(table, split, ["logistic_regression"])[0][1]
    spec = TrainingSpec.model_validate(
        {"decision": "d", "data": {"uri": "memory", "target": "y"}, "conformal": {"coverage": 0.8}}
    )
    candidate = SimpleNamespace(predictions=predictions)

    def decided(table: Table) -> Any:
        ready = Prepared(spec, table, split, metric("f1", Task.BINARY), (), (), ())
        found = settle(ready, candidate, None, candidate)  # type: ignore[arg-type]
        return found.decision, found.margins, found.calibrated.gain, found.calibrated.reason

    assert decided(planted(table, sealed(split), turn)) == decided(table)
    assert decided(planted(table, split.development, turn)) != decided(table)


def test_workers_that_fit_are_sent_development_rows_alone(tables, monkeypatch):
    table, split = tables[Task.BINARY]
    sent: list[Table] = []
    monkeypatch.setattr(fits, "ray", SimpleNamespace(put=sent.append, remote=lambda **options: lambda kind: kind))
    fitters = Fitters(table, split.development, ResampleSpec(), ComputeSpec())
    (held,) = sent
    np.testing.assert_array_equal(held.features["signal"], table.features["signal"].iloc[split.development])
    np.testing.assert_array_equal(held.target, table.target[split.development])
    fold = split.folds[FOLD]
    job = fitters._within_development(Fit("ridge", {}, fold.train, 0, None, fold.validation))
    np.testing.assert_array_equal(held.target[job.rows], table.target[fold.train])
    np.testing.assert_array_equal(held.target[job.score_rows], table.target[fold.validation])
