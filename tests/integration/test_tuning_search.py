"""The search on a real Ray: results, interruption, workers that die, errors, budgets."""

import json
import math
import os
import random
import signal
from dataclasses import replace

import numpy as np
import pytest
import ray
from ray.air.execution import FixedResourceManager
from ray.air.execution._internal.tracked_actor import TrackedActor
from ray.air.execution._internal.tracked_actor_task import TrackedActorTask
from ray.train._internal.storage import StorageContext

from tuning.course import Course
from tuning.journal import Journal
from tuning.ledger import Ledger
from tuning.objective import FoldResult, Study
from tuning.racing import Race
from tuning.result import TrialState
from tuning.search import RETRIES, _ActorManager, _Trials, search
from tuning.space import Parameter
from tuning.spec import Algorithm, Place, SearchSpec

UNIT = {"x": Parameter.model_validate({"uniform": [0, 1]})}
BASELINE = Study("dummy", {}, {})
GOOD = Study("good", UNIT, {"x": 0.1}, {"top": 0.9})
POOR = Study("poor", UNIT, {"x": 0.1}, {"top": 0.4})
STUDIES = (BASELINE, GOOD, POOR)
SPEC = SearchSpec(algorithm="random", max_trials=16)


class Hill:
    """Cheap objective that notes each fit in a file; ``fault`` says what goes wrong with a configuration."""

    folds = 4

    def __init__(self, log, fault=None):
        self.log, self.fault = log, fault
        self.noise = np.random.default_rng(1).normal(0, 0.3, (self.folds, 40))

    def evaluate(self, study, params, fold):
        x = params.get("x", 0.0)
        with self.log.open("a") as file:
            file.write(f"{study} {x!r} {fold}\n")
        if self.fault and study == "good" and fold == 1 and 0.5 < x < 0.6:
            self.fault(self.log.parent)
        own = np.random.default_rng([fold, int(x * 1e9)]).normal(0, 0.05, 40)
        rows = params.get("top", 0.0) - (x - 0.7) ** 2 + self.noise[fold] + own
        return FoldResult(float(rows.mean()), 0.001, rows, {"fold": fold})

    def difference(self, ours, theirs):
        difference = np.concatenate(ours) - np.concatenate(theirs)
        return float(difference.mean()), float(difference.std(ddof=1) / math.sqrt(len(difference)))


def run(folder, *, studies=STUDIES, fault=None, report=lambda event: None, log="fits", trial_cpus=1, **spec):
    folder.mkdir(exist_ok=True)
    return search(
        studies,
        Hill(folder / log, fault),
        SPEC.model_copy(update=spec),
        seed=5,
        place=Place({"CPU": trial_cpus}),
        room=lambda: 2 // trial_cpus,
        journal=folder / "journal",
        report=report,
        identity="hill",
    )


def comparable(result):
    """Everything that must not depend on where and when a search ran."""
    return [replace(o, fit_seconds=0.0) for o in result.outcomes], result.fits_without_racing, result.ended_by


def test_no_more_workers_are_started_than_trials_run_at_once(ray_address, tmp_path, monkeypatch):
    """Fast trials end while the workers of others are starting: those are waited for, not ended and asked for anew."""
    added, add = [], _ActorManager.add_actor
    monkeypatch.setattr(_ActorManager, "add_actor", lambda *given, **named: (added.append(1), add(*given, **named))[1])
    result = run(tmp_path / "a", max_trials=24, parallelism=2, racing=False)
    assert len(result.outcomes) == 25
    assert len(added) <= 12, "Tune alone asks for one a trial"


def fits(path):
    return path.read_text().splitlines() if path.exists() else []


@pytest.fixture(scope="module")
def unbroken(ray_address, tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    events = []
    return run(folder, report=events.append), events, folder


def test_every_trial_is_returned_and_every_step_told(unbroken):
    result, events, folder = unbroken
    assert len(result.outcomes) == 17
    assert [o.number for o in result.outcomes] == list(range(17))
    assert result.best().study == GOOD
    assert result.best(BASELINE).state is TrialState.COMPLETED
    assert result.fits == len(fits(folder / "fits")) < result.fits_without_racing == 17 * 4
    assert result.resumed_fits == 0
    assert any(o.state is TrialState.STOPPED and "unlikely to win" in o.reason for o in result.outcomes)
    for outcome in result.outcomes:
        predictions = result.predictions(outcome)
        assert [p.mean() for p in predictions] == pytest.approx(outcome.fold_scores)
        assert [d["fold"] for d in outcome.details] == list(range(len(outcome.fold_scores)))
    assert events[-1].fits_done == events[-1].fits_planned == 68
    assert events[-1].trials_done == 17
    assert [e.fits_done for e in events] == sorted(e.fits_done for e in events)


def test_less_room_gives_the_same(unbroken, tmp_path):
    """With two CPUs a trial only one runs at a time."""
    assert comparable(run(tmp_path, trial_cpus=2)) == comparable(unbroken[0])


def test_a_finished_journal_is_returned_without_a_fit(unbroken, tmp_path):
    result, _, folder = unbroken
    again = run(folder, log="fits again")
    assert comparable(again) == comparable(result)
    assert again.resumed_fits == again.fits == result.fits
    assert fits(folder / "fits again") == []


def test_it_works_in_an_actor(unbroken, tmp_path):
    @ray.remote(num_cpus=0)
    class Runner:
        def run(self, folder):
            return comparable(run(folder))

    actor = Runner.remote()
    try:
        assert ray.get(actor.run.remote(tmp_path)) == comparable(unbroken[0])
    finally:
        ray.kill(actor)


@ray.remote(num_cpus=0)
class Runner:
    """Searches in a process of its own; each step is a line in a pipe.

    It is detached, as the service's runner is: Ray frees the CPUs of a detached actor's workers when it dies.
    """

    def pid(self):
        return os.getpid()

    def run(self, folder, algorithm):
        with (folder / "steps").open("w", buffering=1) as steps:
            run(folder, report=lambda event: steps.write("step\n"), **long(algorithm))


def long(algorithm):
    values = {"x": Parameter.model_validate({"choice": [i / 40 for i in range(40)]})}
    studies = (BASELINE, replace(GOOD, space=values), replace(POOR, space=values))
    return {"studies": studies, "algorithm": algorithm, "max_trials": 70, "parallelism": 1}


def finished_folds(folder):
    """Trial and fold of every line of the journal; the last line may be half written."""
    lines = (folder / "journal" / "folds.jsonl").read_bytes().split(b"\n")[1:-1]
    return [(entry["trial"], entry["fold"]) for entry in map(json.loads, lines)]


def kill_after(folder, algorithm, folds):
    """Starts or goes on with a search and kills its runner as soon as it has finished so many more folds."""
    before = len(finished_folds(folder)) if (folder / "journal").exists() else 0
    runner = Runner.options(lifetime="detached", name=f"runner {folder} {before}", namespace="tests").remote()
    pid = ray.get(runner.pid.remote())
    done = runner.run.remote(folder, algorithm)
    with (folder / "steps").open() as steps:
        for _ in steps:
            if len(finished_folds(folder)) >= before + folds:
                os.kill(pid, signal.SIGKILL)
                break
    with pytest.raises(ray.exceptions.RayActorError):
        ray.get(done)


@pytest.mark.parametrize("algorithm", [Algorithm.RANDOM, Algorithm.GRID])
def test_however_often_its_runner_is_killed_it_ends_the_same_and_fits_no_finished_fold_again(
    ray_address, tmp_path, algorithm
):
    """Five kills for each algorithm, at random moments of one search."""
    unbroken = run(tmp_path / "unbroken", **long(algorithm))
    folder, moments = tmp_path / "broken", random.Random(algorithm)
    folder.mkdir()
    os.mkfifo(folder / "steps")
    for _ in range(5):
        kill_after(folder, algorithm, moments.randint(1, 12))
    finished = len(finished_folds(folder))
    assert 5 <= finished < unbroken.fits

    result = run(folder, **long(algorithm))
    assert comparable(result) == comparable(unbroken)
    assert result.best() == replace(unbroken.best(), fit_seconds=result.best().fit_seconds)
    assert result.resumed_fits == finished
    folds = finished_folds(folder)
    assert len(folds) == len(set(folds)) == result.fits == unbroken.fits
    # What was fitted more than once had not finished: at most the trial that the worker had at hand at each kill.
    assert len(fits(folder / "fits")) - result.fits <= 5 * Hill.folds


def fail(folder):
    raise ValueError("did not converge")


def die(folder):
    os._exit(1)


def die_once(folder):
    if not (folder / "died").exists():
        (folder / "died").touch()
        os._exit(1)


def test_a_configuration_that_fails_is_recorded_and_the_search_goes_on(ray_address, tmp_path):
    result = run(tmp_path, fault=fail)
    failed = [o for o in result.outcomes if o.state is TrialState.FAILED]
    assert len(result.outcomes) == 17
    assert [(o.study, o.reason, len(o.fold_scores)) for o in failed] == [(GOOD, "ValueError: did not converge", 1)]


def test_a_worker_that_dies_once_changes_nothing(unbroken, tmp_path):
    assert comparable(run(tmp_path, fault=die_once)) == comparable(unbroken[0])
    assert (tmp_path / "died").exists()


def test_a_configuration_that_kills_its_workers_fails(ray_address, tmp_path):
    result = run(tmp_path, fault=die, max_trials=6)
    failed = [o for o in result.outcomes if o.state is TrialState.FAILED]
    assert [o.study for o in failed] == [GOOD]
    assert "worker died 3 times" in failed[0].reason
    assert result.best() is not None


def run_out_of_memory(folder):
    raise MemoryError("cannot hold 9 GB")


def test_what_does_not_fit_in_memory_alone_either_is_infeasible(ray_address, tmp_path):
    result = run(tmp_path, fault=run_out_of_memory)
    failed = [o for o in result.outcomes if o.state is TrialState.FAILED]
    assert [o.reason for o in failed] == [
        "It needs more memory than there is, even when it runs alone: cannot hold 9 GB"
    ]
    assert len(result.outcomes) == 17
    tried = [line for line in fits(tmp_path / "fits") if line == f"good {failed[0].params['x']!r} 1"]
    assert len(tried) == 2  # beside another one, then alone


ONE_CPU = Place({"CPU": 1})


@pytest.mark.parametrize(
    ("cause", "memory"),
    [
        (ray.exceptions.OutOfMemoryError("1 worker(s) were killed\nmore"), True),
        (ray.exceptions.ActorDiedError(), False),
    ],
)
def test_a_worker_killed_for_memory_is_told_from_one_that_crashed(unbroken, tmp_path, cause, memory):
    """As many as there are slots are lost at the same time; then fewer run at once, which a crash does not change."""
    objective, race, spec = Hill(tmp_path / "fits"), Race(Hill.folds), SearchSpec(parallelism=4)
    with Journal(tmp_path, {}) as journal:
        ledger = Ledger(objective, race, journal, 68, lambda event: None)
        course = Course(STUDIES, spec, 5, race, objective.difference)
        trials = _Trials(course, ledger, StorageContext(str(tmp_path), "search"), spec, ONE_CPU, lambda: 4)
        lost = [trials.next_trial() for _ in range(4)]
        for trial in (*lost, lost[0]):  # one of the deaths is told twice
            trials.lose(trial.trial_id, cause)
        assert trials.slots == (2 if memory else 4)
        again = [trials.next_trial() for _ in range(4)]
    assert [trial is not None for trial in again] == [True, True, not memory, not memory]


def test_a_preempted_worker_is_not_held_against_its_configuration(unbroken, tmp_path):
    objective, race, spec = Hill(tmp_path / "fits"), Race(Hill.folds), SearchSpec()
    with Journal(tmp_path, {}) as journal:
        ledger = Ledger(objective, race, journal, 68, lambda event: None)
        course = Course(STUDIES, spec, 5, race, objective.difference)
        trials = _Trials(course, ledger, StorageContext(str(tmp_path), "search"), spec, ONE_CPU, lambda: 1)
        for _ in range(2 * RETRIES):
            trials.lose(trials.next_trial().trial_id, ray.exceptions.RayActorError(preempted=True))
        assert trials.next_trial() is not None
        assert [trial.deaths for trial in ledger.open.values()] == [0]


def test_a_search_widens_with_its_cluster_and_narrows_again(unbroken, tmp_path, monkeypatch):
    monkeypatch.setattr("tuning.search.LOOK_S", -1.0)
    objective, race, spec, there = Hill(tmp_path / "fits"), Race(Hill.folds), SearchSpec(), {}
    with Journal(tmp_path, {}) as journal:
        ledger = Ledger(objective, race, journal, 68, lambda event: None)
        course = Course(STUDIES, spec, 5, race, objective.difference)
        trials = _Trials(course, ledger, StorageContext(str(tmp_path), "search"), spec, ONE_CPU, lambda: there["CPU"])
        found = []
        for cpus in (0, 3, 2, 1000):
            there["CPU"] = cpus
            found.append(trials.slots)
    assert found == [1, 3, 2, course.window]


def test_the_memory_monitor_ends_a_worker_and_not_the_search(monkeypatch):
    manager, told = _ActorManager(FixedResourceManager({"CPU": 1})), []
    monkeypatch.setattr(manager, "_cleanup_actor", lambda tracked_actor: None)  # this one was never started
    actor = TrackedActor(1, on_error=lambda actor, error: None)
    task = TrackedActorTask(actor, on_error=lambda actor, error: told.append(error))
    manager._actor_task_failed(task, ray.exceptions.OutOfMemoryError("1 worker(s) were killed"))
    assert isinstance(told[0], ray.exceptions.RayActorError)
    assert str(told[0]) == "1 worker(s) were killed"


def test_after_its_time_budget_no_configuration_is_started_and_running_ones_are_finished(ray_address, tmp_path):
    result = run(tmp_path, time_budget_s=0.001)
    assert 1 < len(result.outcomes) <= 8
    assert "time budget was spent" in result.ended_by
    assert all(o.state is TrialState.COMPLETED for o in result.outcomes)
