"""Each kind of ensemble, made of real families fitted in this process."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import AdaBoostClassifier
from sklearn.tree import DecisionTreeClassifier

from tests.ensembling import SPECS, FittedHere, made, material
from trainers.data.split import SplitSpec, assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.ensembles.bagging import draw_bag
from trainers.ensembles.combine import combine, planned_fits
from trainers.ensembles.ensemble import Leader, Material
from trainers.ensembles.spec import EnsembleKind, EnsembleSpec
from trainers.ensembles.weighted import greedy_weights
from trainers.evaluation.metrics import default_metric, metric
from trainers.fits import Failed, Fit, Outcome

AP = metric("average_precision", Task.BINARY)
FAMILIES = {
    Task.BINARY: ("logistic_regression", "decision_tree"),
    Task.MULTICLASS: ("logistic_regression", "decision_tree"),
    Task.REGRESSION: ("ridge", "decision_tree"),
}


def make_table(task: Task, rows: int = 160) -> Table:
    rng = np.random.default_rng(0)
    features = pd.DataFrame(rng.normal(size=(rows, 3)), columns=["a", "b", "c"])
    score = features["a"] + np.sin(2 * features["b"]) + rng.normal(size=rows)
    k = {Task.BINARY: 2, Task.MULTICLASS: 3}.get(task)
    target = score.to_numpy() if k is None else pd.qcut(score, k, labels=False).to_numpy()
    columns = tuple(Column(name, ColumnRole.NUMERIC, "x", 0, 9) for name in features)
    keys = features.assign(batch=np.arange(rows) // 4, day=np.arange(rows))
    return Table("memory", features, target, task, tuple(range(k or 0)), columns, keys, "y", "0")


def given(task: Task, **split: Any) -> Material:
    table = make_table(task)
    return material(
        table, assign(table, SplitSpec(folds=4, **split)), metric(default_metric(task), task), FAMILIES[task]
    )


@pytest.fixture(scope="module")
def ready() -> Mapping[Task, Material]:
    return {task: given(task) for task in Task}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("task", Task)
def test_the_model_predicts_as_its_kind_of_target_asks(ready: Mapping[Task, Material], task: Task, name: str) -> None:
    basis, here = ready[task], FittedHere(ready[task].table)
    ensemble = made(SPECS[name], basis, here.fit_all)
    finals = here.fit_all(
        [Fit(each.family, {}, basis.split.development, 3, None, np.empty(0, int)) for each in basis.leaders]
    )
    model = ensemble.assemble(dict(zip(FAMILIES[task], (f.pipeline for f in finals), strict=True)))
    rows = basis.table.features.head(7)
    if task is Task.REGRESSION:
        assert model.predict(rows).shape == (7,)
    else:
        probabilities = model.predict_proba(rows)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        assert probabilities.shape == (7, len(basis.table.classes))
        assert model.predict(rows).tolist() == probabilities.argmax(axis=1).tolist()
    assert sum(part.weight for part in ensemble.parts) == pytest.approx(1)
    scores = [basis.metric.score(y, p) for y, p in zip(basis.y_folds, ensemble.predictions, strict=True)]
    assert np.mean(scores) > {Task.BINARY: 0.6, Task.MULTICLASS: 0.4, Task.REGRESSION: 0.05}[task]
    assert ensemble.fits == len(here.jobs) - len(finals)
    assert ensemble.fits <= planned_fits([SPECS[name].filled(task)], 2, 4)


def test_greedy_weights_prefer_what_helps_and_sum_to_one() -> None:
    rng = np.random.default_rng(0)
    y = (rng.random(1000) < 0.2).astype(int)
    good = np.where(y == 1, 0.9, 0.1) + rng.normal(0, 0.2, len(y))
    weights = greedy_weights(y, [rng.random(len(y)), good], AP)
    assert weights.sum() == pytest.approx(1)
    assert weights[1] > 0.8


@pytest.mark.parametrize("bootstrap", [True, False])
def test_samples_keep_groups_whole_and_are_as_large_as_asked(bootstrap: bool) -> None:
    basis = given(Task.BINARY, group_on=("batch",))
    spec = EnsembleSpec(
        kind=EnsembleKind.BAGGING, members=4, row_fraction=0.5, column_fraction=0.67, bootstrap=bootstrap
    ).filled(Task.BINARY)
    rows, nothing = basis.split.development, np.empty(0, dtype=int)
    for job in draw_bag(spec, basis.leaders[0], basis, rows, nothing, 0):
        counts = np.bincount(job.rows, minlength=160).reshape(-1, 4)
        assert (counts == counts[:, :1]).all()
        assert counts.max() > 1 if bootstrap else counts.max() == 1
        assert len(job.rows) == len(rows) // 2
        assert set(job.rows) | set(job.score_rows) == set(rows)
        assert set(job.rows).isdisjoint(job.score_rows)
        assert len(job.columns or ()) == 2


def test_boosting_is_scikit_learns_samme(ready: Mapping[Task, Material]) -> None:
    """The same trees, weights and probabilities, on the same prepared rows."""
    basis, here = ready[Task.MULTICLASS], FittedHere(ready[Task.MULTICLASS].table)
    stumps = replace(basis, leaders=(Leader("decision_tree", {"max_depth": 2, "product_columns": 0}, None, 0, ()),))
    ours = made(EnsembleSpec(kind=EnsembleKind.BOOSTING, members=5), stumps, here.fit_all)
    tree = DecisionTreeClassifier(max_depth=2, min_samples_leaf=10, random_state=3)
    peer = AdaBoostClassifier(tree, n_estimators=5)
    rows, table = basis.split.development, basis.table
    peer.fit(table.features.iloc[rows], table.target[rows])
    np.testing.assert_allclose(
        [part.weight for part in ours.parts], peer.estimator_weights_ / peer.estimator_weights_.sum()
    )
    np.testing.assert_allclose(ours.assemble({}).predict_proba(table.features), peer.predict_proba(table.features))


def test_a_member_that_leaves_no_error_ends_its_committee(ready: Mapping[Task, Material]) -> None:
    basis, here = ready[Task.BINARY], FittedHere(ready[Task.BINARY].table)
    grown = {"max_depth": None, "min_samples_leaf": 1}
    perfect = replace(basis, leaders=(Leader("decision_tree", grown, None, 0, ()),))
    assert len(made(EnsembleSpec(kind=EnsembleKind.BOOSTING), perfect, here.fit_all).parts) == 1
    assert len(here.jobs) == 5


def without(here: FittedHere, lost: Callable[[Fit], bool]) -> Callable[[Sequence[Fit]], Sequence[Outcome]]:
    """Fits, but for those that are lost."""
    return lambda jobs: [Failed("It broke.") if lost(job) else here.fit_all([job])[0] for job in jobs]


@pytest.mark.parametrize(
    ("name", "lost", "dropped"),
    [
        ("bagging", "bagging member 2", "bagging member 2"),
        ("boosting", "boosting round 2, all development rows", "round 2, all development rows"),
        ("snapshot", "snapshot of fold 3", "fold 3"),
        ("weighted", "decision_tree without fold 1 and 2", "decision_tree"),
        ("stacking", "decision_tree without fold 1 and 2", "decision_tree"),
    ],
)
def test_a_member_that_fails_is_dropped_with_its_reason(ready, name: str, lost: str, dropped: str) -> None:
    basis, here = ready[Task.BINARY], FittedHere(ready[Task.BINARY].table)
    whole = made(SPECS[name], basis, here.fit_all)
    ensemble = made(SPECS[name], basis, without(here, lambda job: job.label == lost))
    assert (dropped, "It broke.") in [(each.member, each.reason) for each in ensemble.dropped]
    assert name == "weighted" or len(ensemble.parts) < len(whole.parts)


def test_when_every_member_fails_the_run_goes_on_and_is_told(ready: Mapping[Task, Material]) -> None:
    basis, here = ready[Task.BINARY], FittedHere(ready[Task.BINARY].table)
    specs = [SPECS["bagging"], SPECS["boosting"], SPECS["snapshot"], SPECS["stacking"]]
    combined = combine(specs, basis, without(here, lambda job: True))
    assert combined.ensembles == ()
    assert [finding.code for finding in combined.findings] == ["ENSEMBLE_FAILED"] * 4
    assert all("It broke." in finding.message for finding in combined.findings)


def test_a_poor_member_of_a_bag_is_dropped_on_rows_it_did_not_see(ready: Mapping[Task, Material]) -> None:
    """One member's labels are turned around for it."""
    basis, here = ready[Task.BINARY], FittedHere(ready[Task.BINARY].table)

    def spoiled(jobs: Sequence[Fit]) -> list[Outcome]:
        return [
            replace(out, predictions=1 - out.predictions) if "member 5" in job.label else out
            for job, out in zip(jobs, here.fit_all(jobs), strict=True)
        ]

    ensemble = made(EnsembleSpec(kind=EnsembleKind.BAGGING, members=12, family="logistic_regression"), basis, spoiled)
    assert "bagging member 5" in [each.member for each in ensemble.dropped]
    assert all("out of bag, far below the median" in each.reason for each in ensemble.dropped)
    assert len(ensemble.parts) == 11


def test_in_time_a_stack_learns_from_earlier_folds_alone_and_counts_what_it_leaves_out() -> None:
    basis = given(Task.REGRESSION, time_on="day")
    here = FittedHere(basis.table)
    ensemble = made(SPECS["stacking"], basis, here.fit_all)
    np.testing.assert_allclose(
        ensemble.predictions[0], np.mean([leader.predictions[0] for leader in basis.leaders], axis=0)
    )
    before = sum(row < basis.split.folds[0].validation.min() for row in basis.split.development)
    assert ensemble.rows_left_out == before > 0
    assert all(job.rows.max() < job.score_rows.min() for job in here.jobs if len(job.score_rows))
    twice = made(SPECS["stacking layers"], basis, here.fit_all)
    assert twice.rows_left_out == before + len(basis.split.folds[0].validation)


@pytest.mark.parametrize("name", ["stacking", "weighted", "snapshot"])
def test_folds_that_became_too_few_for_an_honest_score_are_told(ready: Mapping[Task, Material], name: str) -> None:
    basis, here = ready[Task.BINARY], FittedHere(ready[Task.BINARY].table)
    halves = assign(basis.table, SplitSpec(folds=2))
    combined = combine([SPECS[name]], material(basis.table, halves, AP, FAMILIES[Task.BINARY]), here.fit_all)
    assert combined.ensembles == ()
    assert "no rows are left" in combined.findings[0].message


def test_a_family_that_was_never_scored_gives_way_to_another(ready: Mapping[Task, Material]) -> None:
    given = ready[Task.BINARY]
    best, *others = given.leaders
    assert given.leader(others[-1].family) == others[-1]
    assert given.leader(None) == given.leader("never_scored") == best
    assert given.leader("never_scored", preferred=others) == others[0]
