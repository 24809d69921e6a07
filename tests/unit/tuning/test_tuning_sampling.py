import importlib.util

import optuna
import pytest

from tuning.objective import Study
from tuning.result import TrialOutcome, TrialState
from tuning.sampling import BEST, RENEWAL, OptunaSampler, beginnings, grid_values, sampler
from tuning.space import Parameter
from tuning.spec import Algorithm


def parameter(**kind):
    return Parameter.model_validate(kind)


SPACE = {
    "rate": parameter(log_uniform=[0.01, 1.0]),
    "share": parameter(uniform=[0.0, 1.0]),
    "depth": parameter(integer=[2, 9]),
    "leaves": parameter(log_integer=[4, 64]),
    "kind": parameter(choice=["a", None, True]),
}
STUDY = Study("trees", SPACE, {"rate": 0.1, "share": 0.5, "depth": 3, "leaves": 8, "kind": None})


GAUSSIAN_PROCESS = pytest.param(
    Algorithm.GAUSSIAN_PROCESS,
    marks=pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs the extra gaussian-process"),
)
LIGHT = (Algorithm.RANDOM, Algorithm.BAYESIAN, Algorithm.GRID)


def take(study, algorithm, seed, count):
    source = sampler(study, algorithm, seed)
    taken = []
    for number in range(count):
        values = source.ask()
        if values is None:
            break
        taken.append(values)
        score = -abs(values.get("share", 0.0) - 0.8)
        source.tell(number, TrialOutcome(number, study, values, TrialState.COMPLETED, (score,)))
    return taken


@pytest.mark.parametrize("algorithm", LIGHT)
def test_first_is_the_default_then_every_value_lies_in_the_space_and_none_is_repeated(algorithm):
    taken = take(STUDY, algorithm, 7, 30)
    assert taken[0] == STUDY.default
    assert len({tuple(sorted(v.items(), key=str)) for v in taken}) == len(taken) == 30
    for values in taken:
        assert 0.01 <= values["rate"] <= 1.0
        assert 0.0 <= values["share"] <= 1.0
        assert type(values["depth"]) is int
        assert 2 <= values["depth"] <= 9
        assert type(values["leaves"]) is int
        assert 4 <= values["leaves"] <= 64
        assert values["kind"] in ("a", None, True)


@pytest.mark.parametrize("algorithm", [Algorithm.RANDOM, Algorithm.BAYESIAN])
def test_the_seed_and_the_name_decide(algorithm):
    assert take(STUDY, algorithm, 7, 20) == take(STUDY, algorithm, 7, 20)
    assert take(STUDY, algorithm, 7, 20)[1:] != take(STUDY, algorithm, 8, 20)[1:]
    other = Study("forest", SPACE, STUDY.default)
    assert take(STUDY, algorithm, 7, 20)[1:] != take(other, algorithm, 7, 20)[1:]


def test_bayesian_comes_nearer_to_the_optimum_than_random():
    def nearest(algorithm):
        return sum(abs(v["share"] - 0.8) for v in take(STUDY, algorithm, 3, 60)[30:])

    assert nearest(Algorithm.BAYESIAN) < 0.7 * nearest(Algorithm.RANDOM)


@pytest.mark.parametrize("algorithm", [*LIGHT, GAUSSIAN_PROCESS])
def test_a_small_space_is_exhausted(algorithm):
    study = Study("small", {"k": parameter(choice=[1, 2, 3])}, {"k": 2})
    taken = take(study, algorithm, 1, 10)
    assert taken[0] == {"k": 2}
    assert sorted(v["k"] for v in taken) == [1, 2, 3]


@pytest.mark.parametrize("algorithm", LIGHT)
def test_a_default_outside_a_narrower_space_is_left_out(algorithm):
    study = Study(
        "narrow", {"x": parameter(uniform=[0.5, 1.0]), "k": parameter(choice=["p", "q"])}, {"x": 0.1, "k": "z"}
    )
    for values in take(study, algorithm, 1, 6):
        assert 0.5 <= values["x"] <= 1.0
        assert values["k"] in ("p", "q")


@pytest.mark.parametrize("algorithm", [GAUSSIAN_PROCESS])
def test_a_gaussian_process_finds_the_optimum_of_a_smooth_score_in_few_trials(algorithm):
    study = Study("smooth", {"share": parameter(uniform=[0.0, 1.0])}, {"share": 0.1})
    taken = take(study, algorithm, 3, 16)
    assert taken[0] == {"share": 0.1}
    assert min(abs(v["share"] - 0.8) for v in taken) < 0.01
    assert take(study, algorithm, 3, 16) == taken


@pytest.mark.parametrize("algorithm", LIGHT)
def test_what_is_promising_is_tried_right_after_the_default_as_far_as_the_space_allows(algorithm):
    space = {"x": parameter(uniform=[0.0, 1.0]), "k": parameter(choice=["p", "q"])}
    study = Study("warm", space, {"x": 0.1, "k": "p"}, promising=({"x": 0.7, "k": "q"}, {"x": 7.0, "k": "q", "z": 1}))
    assert take(study, algorithm, 1, 3)[:2] == [{"x": 0.1, "k": "p"}, {"x": 0.7, "k": "q"}]
    assert beginnings(study)[2] == {"k": "q"}  # a value outside the space is left to the method


CONDITIONAL = Study(
    "svm",
    {
        "degree": parameter(integer=[2, 4], when={"kernel": ["poly"]}),
        "gamma": parameter(log_uniform=[0.01, 1.0], when={"kernel": ["rbf", "poly"]}),
        "kernel": parameter(choice=["linear", "rbf", "poly"]),
        "offset": parameter(uniform=[0.0, 1.0], when={"degree": [3, 4]}),
        "scale": parameter(uniform=[0.0, 1.0], when={"mode": [True]}),
    },
    {"degree": 3, "gamma": 0.1, "kernel": "rbf", "offset": 0.5, "scale": 0.5},
    {"mode": 1},
)


@pytest.mark.parametrize("algorithm", LIGHT)
def test_a_parameter_is_there_only_while_its_condition_holds(algorithm):
    taken = take(CONDITIONAL, algorithm, 5, 40)
    assert taken[0] == {"gamma": 0.1, "kernel": "rbf"}
    assert {v["kernel"] for v in taken} == {"linear", "rbf", "poly"}
    for values in taken:
        assert ("gamma" in values) == (values["kernel"] != "linear")
        assert ("degree" in values) == (values["kernel"] == "poly")
        assert ("offset" in values) == (values.get("degree", 0) >= 3)
        assert "scale" not in values  # 1 is not True
    assert len({tuple(sorted(v.items())) for v in taken}) == len(taken)


def test_a_grid_has_each_active_combination_once():
    taken = take(CONDITIONAL, Algorithm.GRID, 0, 1000)
    linear, rbf, poly = 1, 3, 3 * (1 + 2 * 3)  # by gamma; and by degree, of which 3 and 4 have an offset
    assert len(taken) == linear + rbf + poly


def test_what_a_long_search_learns_from_stays_small_and_keeps_the_best():
    source = sampler(STUDY, Algorithm.BAYESIAN, 1)
    assert isinstance(source, OptunaSampler)
    source._history = 20
    source._study.sampler = source._method = optuna.samplers.RandomSampler(seed=1)
    scores, limit = {}, BEST + 20 + RENEWAL
    for number in range(2 * limit):
        values = source.ask()
        if number >= 8:  # eight trials are open at any time, over every renewal
            scores[number - 8] = (number * 37 % 101) / 101
            source.tell(number - 8, TrialOutcome(0, STUDY, values, TrialState.COMPLETED, (scores[number - 8],)))
    trials = source._study.get_trials()
    assert len(trials) <= limit + 2
    assert sum(t.state is optuna.trial.TrialState.RUNNING for t in trials) == 8
    known = {t.value for t in trials if t.state is optuna.trial.TrialState.COMPLETE}
    assert set(sorted(scores.values())[-BEST:]) <= known


@pytest.mark.parametrize("state", [TrialState.STOPPED, TrialState.FAILED])
def test_trials_without_all_folds_teach_without_an_error(state):
    source = sampler(STUDY, Algorithm.BAYESIAN, 1)
    for number in range(15):
        values = source.ask()
        source.tell(number, TrialOutcome(number, STUDY, values, state, (0.5,) if state is TrialState.STOPPED else ()))


def test_grid_values_are_evenly_spaced_on_the_scale_of_the_parameter():
    assert grid_values(SPACE["rate"]) == pytest.approx([0.01, 0.1, 1.0])
    assert grid_values(SPACE["share"]) == [0.0, 0.5, 1.0]
    assert grid_values(SPACE["leaves"]) == [4, 16, 64]
    assert grid_values(parameter(integer=[1, 2])) == [1, 2]
    assert grid_values(SPACE["kind"]) == ["a", None, True]


def test_every_beginning_of_a_grid_covers_each_parameter():
    space = {name: parameter(uniform=[0, 1]) for name in "abcd"}
    taken = take(Study("grid", space, {}), Algorithm.GRID, 0, 12)
    for name in space:
        assert {v[name] for v in taken} == {0.0, 0.5, 1.0}


def test_a_grid_visits_every_point_once():
    space = {"a": parameter(uniform=[0, 1]), "b": parameter(integer=[1, 9]), "c": parameter(choice=["x", "y"])}
    taken = take(Study("grid", space, {"a": 0.0, "b": 1, "c": "x"}), Algorithm.GRID, 0, 100)
    assert len(taken) == len({tuple(v.values()) for v in taken}) == 18


def test_many_open_trials_do_not_make_proposals_dear(monkeypatch) -> None:
    """Nothing is left behind while nothing has ended."""
    renewed = []
    monkeypatch.setattr(OptunaSampler, "_renew", lambda self: renewed.append(len(self._open)))
    wide = sampler(STUDY, Algorithm.RANDOM, seed=0)
    for _ in range(2 * (BEST + RENEWAL)):
        assert wide.ask() is not None
    assert renewed == []
