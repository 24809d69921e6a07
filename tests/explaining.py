"""What tests of diagnosis and explanation are made from: a run's steps on real families, in this process."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from tests.ensembling import FittedHere
from trainers.data.resample import ResampleSpec
from trainers.data.split import assign
from trainers.data.table import Column, ColumnRole, Table, Task
from trainers.deciding import calibrated_candidate, judge_decided, settle
from trainers.evaluation.metrics import default_metric, metric
from trainers.evaluation.selection import RequirementsSpec, select
from trainers.families.fitting import predict
from trainers.finalists import entrant, final_fit, leaders_of, y_folds
from trainers.objective import FoldObjective
from trainers.plan import Prepared
from trainers.report.compose import Judgement
from trainers.spec import TrainingSpec
from tuning.objective import Study
from tuning.result import SearchResult, TrialOutcome, TrialState


@dataclass(frozen=True)
class Made:
    """A run up to the judgement."""

    ready: Prepared
    found: SearchResult
    judged: Judgement
    here: FittedHere


def table_of(features: pd.DataFrame, target: np.ndarray, task: Task) -> Table:
    """A table of these columns; those of objects are categories."""
    kinds = {
        name: ColumnRole.CATEGORICAL if features[name].dtype == object else ColumnRole.NUMERIC for name in features
    }
    columns = tuple(Column(str(n), kind, "x", 0, int(features[n].nunique())) for n, kind in kinds.items())
    classes = () if task is Task.REGRESSION else tuple(range(int(target.max()) + 1))
    return Table("memory", features, target, task, classes, columns, features, "y", "0")


def judged_run(table: Table, family: str, params: dict[str, Any], **spec: Any) -> Made:
    """Searches the family's one configuration, chooses it, and judges it on the test rows."""
    given = {"decision": "d", "data": {"uri": "memory", "target": "y"}, "split": {"folds": 3, "seed": 1}, **spec}
    asked = TrainingSpec.model_validate(given)
    split, measure = assign(table, asked.split), metric(default_metric(table.task), table.task)
    linear = "ridge" if table.task is Task.REGRESSION else "logistic_regression"
    studies = [Study("dummy", {}, {}), Study(linear, {}, {}), Study(family, {}, {}, params)]
    ready = Prepared(asked, table, split, measure, tuple(studies[:2]), tuple(studies[2:]), ())
    found, here = _searched(ready, studies), FittedHere(table)
    leaders = leaders_of(found, studies)
    candidates = {entrant(each, "family" if each.family == family else "baseline", ready): each for each in leaders}
    choice = select(tuple(candidates), RequirementsSpec(), measure, y_folds(ready))
    baseline = max((c for c in candidates if c.kind == "baseline"), key=lambda c: c.mean)
    models = {c: here.fit_all([final_fit(candidates[c], ready)])[0].pipeline for c in (choice.candidate, baseline)}
    decided = settle(ready, choice.candidate, models[choice.candidate], baseline)
    choice = replace(choice, candidate=calibrated_candidate(ready, choice.candidate, decided))
    rows = split.open_test("a test", "judge")
    ours, theirs = (predict(m, table.features.iloc[rows], table.task) for m in (decided.model, models[baseline]))
    test = judge_decided(ready, decided, rows, ours, theirs)
    judged = Judgement(choice, baseline, decided, test, tuple(candidates), (), (), rows, ours, None)
    return Made(ready, found, judged, here)


def _searched(ready: Prepared, studies: Sequence[Study]) -> SearchResult:
    objective = FoldObjective(ready.table, ready.split, ready.metric, ResampleSpec(), ready.spec.split.seed, threads=1)
    outcomes, kept = [], {}
    for number, study in enumerate(studies):
        folds = [objective.evaluate(study.name, study.fixed, k) for k in range(objective.folds)]
        kept[number] = [fold.predictions for fold in folds]
        scores, details = tuple(fold.score for fold in folds), tuple(fold.details for fold in folds)
        outcomes.append(TrialOutcome(number, study, study.fixed, TrialState.COMPLETED, scores, 1.0, "", details))
    fits = sum(len(outcome.fold_scores) for outcome in outcomes)
    return SearchResult(tuple(outcomes), fits, fits, 0, 1.0, 1.0, "", lambda outcome: kept[outcome.number])
