import pytest

from tuning.objective import Study
from tuning.result import TrialOutcome, TrialState
from tuning.sampling import grid_values, sampler
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


@pytest.mark.parametrize("algorithm", Algorithm)
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


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_small_space_is_exhausted(algorithm):
    study = Study("small", {"k": parameter(choice=[1, 2, 3])}, {"k": 2})
    taken = take(study, algorithm, 1, 10)
    assert taken[0] == {"k": 2}
    assert sorted(v["k"] for v in taken) == [1, 2, 3]


@pytest.mark.parametrize("algorithm", Algorithm)
def test_a_default_outside_a_narrower_space_is_left_out(algorithm):
    study = Study(
        "narrow", {"x": parameter(uniform=[0.5, 1.0]), "k": parameter(choice=["p", "q"])}, {"x": 0.1, "k": "z"}
    )
    for values in take(study, algorithm, 1, 6):
        assert 0.5 <= values["x"] <= 1.0
        assert values["k"] in ("p", "q")


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
