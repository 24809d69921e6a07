"""Progress as a watcher sees it."""

from typing import Any

import numpy as np
import pytest

from trainers.fits import Failed, Fit, Fitted
from trainers.spec import TrainingSpec
from trainers.steps import Steps, shares
from tuning.objective import Study
from tuning.result import SearchEvent, TrialOutcome, TrialState


def of(*, nested: bool) -> dict[str, float]:
    split = {"nested": nested, "folds": 3}
    return shares(TrainingSpec.model_validate({"decision": "d", "data": {"uri": "t", "target": "y"}, "split": split}))


@pytest.mark.parametrize("nested", [False, True])
def test_shares_are_the_whole_and_nested_searches_take_theirs(nested: bool) -> None:
    found = of(nested=nested)
    assert sum(found.values()) == pytest.approx(1)
    assert found["nested"] == pytest.approx(3 * found["search"] if nested else 0)


@pytest.mark.parametrize("nested", [False, True])
def test_the_fraction_never_falls_and_ends_at_one(nested: bool) -> None:
    events: list[Any] = []
    steps = Steps(events.append, of(nested=nested))
    passed = [name for name, share in of(nested=nested).items() if share]
    for name in passed:
        steps.enter(name)
        steps.within(0.5)
        steps.within(2.0)
    steps.finish()
    fractions = [event["progress"]["fraction"] for event in events if "progress" in event]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert fractions[-2] < 1.0 + 1e-9
    assert [event["phase"]["phase"] for event in events if "phase" in event] == passed


def test_a_step_without_a_share_is_not_announced() -> None:
    events: list[Any] = []
    steps = Steps(events.append, of(nested=False))
    steps.enter("select")
    steps.enter("nested")
    steps.enter("judge")
    assert [event["phase"]["phase"] for event in events if "phase" in event] == ["select", "judge"]


def test_every_step_is_timed() -> None:
    steps = Steps(lambda event: None, of(nested=False))
    steps.enter("load")
    steps.enter("split")
    assert set(steps.timings) == {"load", "split"}


def test_a_finished_fold_shows_the_trial_and_the_best() -> None:
    events: list[Any] = []
    steps = Steps(events.append, of(nested=False))
    steps.enter("search")
    study = Study("svm", {}, {})
    trial = TrialOutcome(0, study, {"C": 1.0}, TrialState.COMPLETED, (0.5, 0.7), 1.5)
    steps.searched(SearchEvent(trial, 2, 10, 1, trial))
    shown = next(event["trial"] for event in events if "trial" in event)
    assert (shown["family"], shown["state"], shown["fold_scores"], shown["mean"]) == (
        "svm",
        "completed",
        [0.5, 0.7],
        0.6,
    )
    progress = events[-1]["progress"]
    assert (progress["fits_done"], progress["fits_total"], progress["best_family"]) == (2, 10, "svm")


def test_every_fit_shows_and_counts_on_from_the_search(caplog: pytest.LogCaptureFixture) -> None:
    events: list[Any] = []
    steps = Steps(events.append, of(nested=False))
    steps.enter("search")
    steps.within(1.0, fits_done=10, fits_total=12)
    steps.enter("ensembles")
    done = steps.fitting(4)
    rows = np.arange(3)
    with caplog.at_level("INFO"):
        done(Fit("ridge", {}, rows, 0, None, rows, label="bagging member 1"), Fitted(None, rows, 0.25))
        done(Fit("ridge", {}, rows, 0, None, rows, label="bagging member 2"), Failed("It broke."))
    shown = [event["progress"] for event in events if "progress" in event][-2:]
    assert [(each["fits_done"], each["fits_total"]) for each in shown] == [(11, 16), (12, 16)]
    assert shown[0]["fraction"] < shown[1]["fraction"]
    assert [record.message for record in caplog.records] == [
        "bagging member 1 fitted in 0.25 s",
        "bagging member 2 failed: It broke.",
    ]
