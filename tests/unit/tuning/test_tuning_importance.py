import numpy as np
import pytest

from tuning.importance import ENOUGH, importances
from tuning.objective import Study
from tuning.result import TrialOutcome, TrialState
from tuning.space import Parameter

SPACE = {
    "little": Parameter.model_validate({"log_uniform": [0.01, 1]}),
    "much": Parameter.model_validate({"choice": ["a", "b", "c"]}),
    "rare": Parameter.model_validate({"integer": [1, 9], "when": {"much": ["a"]}}),
}
STUDY = Study("s", SPACE, {})


def tried(count: int, state: TrialState = TrialState.COMPLETED, spread: float = 1.0) -> list[TrialOutcome]:
    rng = np.random.default_rng(0)
    found = []
    for number in range(count):
        much, little = str(rng.choice(list("abc"))), float(rng.uniform(0.01, 1))
        score = spread * ("abc".index(much) + 0.1 * little)
        params = {"much": much, "little": little, **({"rare": 3} if much == "a" else {})}
        found.append(TrialOutcome(number, STUDY, params, state, (score, score)))
    return found


def test_the_parameter_that_decides_the_score_comes_first() -> None:
    found = importances(STUDY, tried(40))
    assert list(found) == ["much", "little"]
    assert found["much"] > 0.9
    assert sum(found.values()) == pytest.approx(1.0)
    assert importances(STUDY, tried(40)) == found


@pytest.mark.parametrize(
    "outcomes",
    [tried(ENOUGH - 1), tried(40, spread=0.0), [TrialOutcome(0, Study("t", SPACE, {}), {}, TrialState.FAILED)]],
)
def test_what_tells_nothing_has_no_importances(outcomes: list[TrialOutcome]) -> None:
    assert importances(STUDY, outcomes) == {}


def test_stopped_trials_count() -> None:
    assert importances(STUDY, tried(ENOUGH, TrialState.STOPPED))
