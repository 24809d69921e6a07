"""The course driven without Ray: trials run in a simulated cluster and end in any order."""

import math
import random
import re

import numpy as np
import pytest

from tuning.course import WINDOW, Course, planned_trials, window
from tuning.objective import FoldResult, Study
from tuning.racing import Race
from tuning.result import SearchError, TrialOutcome, TrialState
from tuning.space import Parameter
from tuning.spec import SearchSpec
from tuning.trial import Trial

FOLDS, ROWS = 4, 50
UNIT = {"x": Parameter.model_validate({"uniform": [0, 1]})}
BASELINE = Study("dummy", {}, {})
GOOD = Study("good", UNIT, {"x": 0.1}, {"top": 0.9})
POOR = Study("poor", UNIT, {"x": 0.1}, {"top": 0.4})


class Hill:
    """A study's score is its ``top`` at x = 0.7 and less elsewhere; rows differ by noise that all trials share."""

    folds = FOLDS

    def __init__(self, broken=lambda study, params: False):
        self.noise = np.random.default_rng(1).normal(0, 0.3, (FOLDS, ROWS))
        self.broken = broken

    def evaluate(self, study, params, fold):
        if self.broken(study, params):
            raise RuntimeError("did not converge")
        x, top = params.get("x", 0.0), params.get("top", 0.0)
        own = np.random.default_rng([fold, int(x * 1e9)]).normal(0, 0.05, ROWS)
        rows = top - (x - 0.7) ** 2 + self.noise[fold] + own
        return FoldResult(float(rows.mean()), 0.0, rows)

    def difference(self, ours, theirs):
        difference = np.concatenate(ours) - np.concatenate(theirs)
        return difference.mean(), difference.std(ddof=1) / math.sqrt(len(difference))


class Cluster:
    """Runs the trials a course proposes, at most ``slots`` at once; they end in an order drawn from ``seed``."""

    def __init__(self, studies, spec, objective=None, *, slots=2, seed=0):
        self.objective = objective or Hill()
        self.race = Race(FOLDS)
        self.predictions = {}
        self.course = Course(studies, spec, 11, self.race, self.difference)
        self.slots, self.random = slots, random.Random(seed)
        self.running, self.proposals, self.outcomes = [], [], {}
        self.most_running = 0

    def difference(self, ours, theirs):
        return self.objective.difference(self.predictions[ours.number], self.predictions[theirs.number])

    def run(self):
        while True:
            while len(self.running) < self.slots and (proposal := self.course.next()) is not None:
                self.running.append(proposal)
                self.proposals.append(proposal)
            self.most_running = max(self.most_running, len(self.running))
            if not self.running:
                return self
            self.finish(self.running.pop(self.random.randrange(len(self.running))))

    def finish(self, proposal):
        rival = None if proposal.rival is None else self.predictions[proposal.rival.number]
        trial = Trial(self.objective, proposal.study.name, proposal.params, proposal.race, rival)
        results = []
        while not trial.ended:
            results.append(trial.advance())
        state = TrialState.FAILED if trial.failure else TrialState.STOPPED if trial.verdict else TrialState.COMPLETED
        scores = tuple(r.score for r in results if isinstance(r, FoldResult))
        outcome = TrialOutcome(
            proposal.number, proposal.study, proposal.params, state, scores, reason=trial.failure or trial.verdict
        )
        self.predictions[proposal.number] = trial.predictions
        self.outcomes[proposal.number] = outcome
        self.course.end(outcome)

    def of(self, study):
        return [o for _, o in sorted(self.outcomes.items()) if o.study is study]


@pytest.mark.parametrize("algorithm", ["random", "bayesian", "grid"])
@pytest.mark.parametrize("racing", [True, False])
def test_the_result_does_not_depend_on_how_many_run_at_once_nor_on_the_order_in_which_they_end(algorithm, racing):
    spec = SearchSpec(algorithm=algorithm, max_trials=30, racing=racing)
    first = Cluster((BASELINE, GOOD, POOR), spec, slots=1).run()
    for slots, seed in ((2, 1), (8, 2), (8, 3)):
        other = Cluster((BASELINE, GOOD, POOR), spec, slots=slots, seed=seed).run()
        assert [(p.study.name, p.params, p.rival) for p in other.proposals] == [
            (p.study.name, p.params, p.rival) for p in first.proposals
        ]
        assert other.outcomes == first.outcomes
        assert other.course.ended_by == first.course.ended_by


def test_no_more_than_the_window_are_open_at_once():
    plain = SearchSpec(max_trials=40, racing=False)
    assert Cluster((GOOD,), plain, slots=99).run().most_running == WINDOW
    wide = SearchSpec(algorithm="random", max_trials=60, parallelism=10, racing=False)
    assert Cluster((GOOD,), wide, slots=99).run().most_running == 20
    alone = SearchSpec(max_trials=9, parallelism=1, racing=False)
    assert Cluster((GOOD,), alone, slots=99).run().most_running == 2
    assert Cluster((GOOD,), SearchSpec(max_trials=40), slots=99).run().most_running <= WINDOW


def test_a_race_begins_with_few_so_that_there_is_a_rival_soon():
    racing, patient = SearchSpec(), SearchSpec(racing=False)
    assert [window(racing, n) for n in (0, 3, 6, 10, 16, 99)] == [2, 2, 3, 5, WINDOW, WINDOW]
    assert [window(SearchSpec(parallelism=4), n) for n in (0, 9, 12, 99)] == [4, 4, 6, 8]
    assert {window(patient, n) for n in range(99)} == {WINDOW}
    known = [n - window(racing, n) for n in range(99)]
    assert known == sorted(known), "what is known never shrinks"


def test_a_rival_is_the_best_of_the_trials_that_ended_a_window_before():
    spec = SearchSpec(max_trials=30)
    cluster = Cluster((BASELINE, GOOD), spec, slots=3).run()
    for proposal in cluster.proposals:
        known = [cluster.outcomes[n] for n in range(proposal.number - window(spec, proposal.number) + 1)]
        completed = [o for o in known if o.state is TrialState.COMPLETED]
        best = max(completed, key=lambda o: o.mean, default=None)
        assert proposal.rival == (None if proposal in first_of_each(cluster.proposals) else best)


def test_the_race_learns_from_pairs_how_far_folds_differ():
    class Unstable(Hill):
        def evaluate(self, study, params, fold):
            result = super().evaluate(study, params, fold)
            rows = result.predictions + np.random.default_rng([7, fold, int(params["x"] * 1e9)]).normal(0, 0.05)
            return FoldResult(float(rows.mean()), 0.0, rows)

    spec = SearchSpec(algorithm="random", max_trials=30)
    calm, unstable = Cluster((GOOD,), spec).run(), Cluster((GOOD,), spec, Unstable()).run()
    assert [p.race.inflation for p in unstable.proposals[:2]] == [1.0, 1.0]
    assert unstable.proposals[-1].race.inflation > 3 > 1.5 > calm.proposals[-1].race.inflation
    assert (
        unstable.course.race.inflation
        == Cluster((GOOD,), spec, Unstable(), slots=8, seed=3).run().course.race.inflation
    )


def first_of_each(proposals):
    names = [p.study.name for p in proposals]
    return [p for i, p in enumerate(proposals) if p.study.name not in names[:i]]


def test_every_study_begins_with_its_default_on_all_folds():
    studies = [Study(f"s{i}", UNIT, {"x": 0.01 * i}, {"top": -float(i)}) for i in range(12)]
    cluster = Cluster(studies, SearchSpec(max_trials=20)).run()
    for i, study in enumerate(studies):
        first = cluster.of(study)[0]
        assert first.params == {"x": 0.01 * i, "top": -float(i)}
        assert first.state is TrialState.COMPLETED


def test_studies_without_a_space_have_one_trial_outside_the_budget():
    spec = SearchSpec(max_trials=12)
    cluster = Cluster((BASELINE, GOOD, Study("linear", {}, {}, {"top": -5.0})), spec).run()
    assert [len(cluster.of(s)) for s in cluster.course.studies] == [1, 12, 1]
    assert all(o.state is TrialState.COMPLETED for o in cluster.outcomes.values() if not o.study.space)
    assert planned_trials(cluster.course.studies, spec) == 14
    assert planned_trials([BASELINE], spec) == 1
    assert "All 12 trials" in cluster.course.ended_by


def test_the_budget_flows_to_the_study_that_is_ahead():
    spec = SearchSpec(algorithm="random", max_trials=40)
    cluster = Cluster((POOR, GOOD), spec).run()
    assert len(cluster.of(POOR)) <= 12
    assert len(cluster.of(GOOD)) >= 28
    even = Cluster((POOR, GOOD), spec.model_copy(update={"racing": False})).run()
    assert len(even.of(POOR)) == len(even.of(GOOD)) == 20


def test_racing_saves_fits_and_selects_the_same_configuration():
    spec = SearchSpec(algorithm="random", max_trials=40)
    raced = Cluster((GOOD,), spec).run()
    full = Cluster((GOOD,), spec.model_copy(update={"racing": False})).run()

    def best(cluster):
        return max((o for o in cluster.outcomes.values() if o.state is TrialState.COMPLETED), key=lambda o: o.mean)

    assert best(raced).params == best(full).params
    assert sum(len(o.fold_scores) for o in raced.outcomes.values()) < 0.7 * 40 * FOLDS
    assert {len(o.fold_scores) for o in full.outcomes.values()} == {FOLDS}


def test_the_target_score_ends_the_search():
    cluster = Cluster((GOOD,), SearchSpec(algorithm="random", max_trials=500, target_score=0.8, racing=False)).run()
    reached = min(n for n, o in cluster.outcomes.items() if o.state is TrialState.COMPLETED and o.mean >= 0.8)
    assert len(cluster.outcomes) == reached + WINDOW
    assert "target score 0.8" in cluster.course.ended_by


def test_patience_ends_the_search():
    cluster = Cluster((GOOD,), SearchSpec(algorithm="random", max_trials=500, patience=10)).run()
    last_known = max(cluster.outcomes) - WINDOW + 1
    known = [o for n, o in cluster.outcomes.items() if n <= last_known and o.state is TrialState.COMPLETED]
    best = max(known, key=lambda o: o.mean)
    assert best.number > 3
    assert last_known == best.number + 10
    assert "10 trials in a row" in cluster.course.ended_by


def test_failures_do_not_end_the_search_and_are_not_selected():
    broken = Hill(lambda study, params: params.get("x", 0.0) > 0.5)
    cluster = Cluster((GOOD,), SearchSpec(algorithm="random", max_trials=30), broken).run()
    failed = [o for o in cluster.outcomes.values() if o.state is TrialState.FAILED]
    assert len(cluster.outcomes) == 30
    assert failed
    assert all(o.params["x"] > 0.5 and o.reason == "RuntimeError: did not converge" for o in failed)


def test_a_study_that_always_fails_loses_its_share():
    broken = Hill(lambda study, params: study == "poor")
    cluster = Cluster((POOR, GOOD), SearchSpec(max_trials=40), broken).run()
    assert len(cluster.of(POOR)) <= 12


def test_ten_failures_and_no_score_end_the_search_with_the_cause():
    broken = Hill(lambda study, params: study == "good")
    with pytest.raises(SearchError, match=r"first 1\d configurations all failed.*did not converge.*Mend"):
        Cluster((BASELINE, GOOD), SearchSpec(max_trials=100), broken).run()


def test_more_failures_than_allowed_end_the_search_with_all_reasons():
    class Fussy(Hill):
        def evaluate(self, study, params, fold):
            if params["x"] > 0.5:
                raise ValueError("too far") if params["x"] > 0.9 else RuntimeError("did not converge.")
            return super().evaluate(study, params, fold)

    spec = SearchSpec(algorithm="random", max_trials=100, max_failures=12)
    with pytest.raises(SearchError) as error:
        Cluster((GOOD,), spec, Fussy()).run()
    counts = re.search(
        r"^12 configurations failed, .* is 12: (\d+) x Run.*converge; (\d+) x Val.*far\. Mend", str(error.value)
    )
    assert counts
    assert sum(map(int, counts.groups())) == 12
    assert len(Cluster((GOOD,), spec.model_copy(update={"max_failures": 99}), Fussy()).run().outcomes) == 100


def test_an_exhausted_space_ends_the_search():
    study = Study("three", {"x": Parameter.model_validate({"choice": [0.1, 0.2, 0.3]})}, {"x": 0.2})
    cluster = Cluster((study,), SearchSpec(max_trials=50)).run()
    assert len(cluster.outcomes) == 3
    assert "no configuration left" in cluster.course.ended_by


def test_nothing_to_search_is_an_error():
    with pytest.raises(SearchError, match="at least one study"):
        Course((), SearchSpec(), 1, Race(FOLDS), lambda a, b: (0.0, 0.0))
