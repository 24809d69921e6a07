"""The runner on a real Ray. Targets are small, and wait for files, never for time."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest
import ray

from cluster import runner
from cluster.events import Outcome, RunError, read_events, read_outcome

pytestmark = pytest.mark.usefixtures("ray_address")
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a test module
WAIT_S = 30.0


class WrongRequestError(ValueError):
    """A mistake of whoever asked for the run."""


@ray.remote(num_cpus=1)
class Child:
    """Holds a CPU as long as it lives."""

    def pid(self) -> int:
        return os.getpid()


def count_up(number, emit):
    logging.getLogger("counting").info("counting to %s", number)
    for i in range(number):
        emit({"progress": {"trials_done": i + 1}})
    return {"counted": number}


def fail(error, emit):
    raise error


def hold_two_children(gate, emit):
    children = [Child.remote() for _ in range(2)]
    emit({"pids": ray.get([child.pid.remote() for child in children])})
    wait_for_file(gate)


def die(_, emit):
    emit({"progress": {"trials_done": 1}})
    os._exit(1)


def wait_for_file(gate):
    import time

    while not Path(gate).exists():
        time.sleep(0.02)


def told(running: runner.Runner, *asked: float) -> list:
    """What a runner tells, once its process has started."""
    while True:
        with suppress(TimeoutError):
            return running.events(*asked)


def all_events(running: runner.Runner) -> list:
    """Follows a runner to its end."""
    found: list = []
    while True:
        news = told(running, found[-1].sequence if found else 0, 100, WAIT_S)
        if not news:
            assert running.outcome() is not None
            return found
        found += news


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., tuple[runner.Runner, Path]]]:
    """Starts runners under names of their own, and ends them."""
    started, numbers = [], count()

    def start(target, arg, **options):
        name = f"{tmp_path.name}-{next(numbers)}"
        journal = tmp_path / f"{name}.jsonl"
        started.append(runner.start(name, target, arg, journal, **options))
        return started[-1], journal

    yield start
    for each in started:
        each.kill()


def test_events_come_in_order_with_log_records_and_the_result(start):
    running, journal = start(count_up, 3, loggers=["counting"])
    events = all_events(running)
    assert [event.sequence for event in events] == [1, 2, 3, 4]
    assert events[0].event == {"log": {"level": "info", "text": "counting to 3", "logger": "counting"}}
    assert [event.event["progress"]["trials_done"] for event in events[1:]] == [1, 2, 3]
    assert running.outcome() == Outcome(result={"counted": 3})
    assert read_events(journal, 0, 100) == events
    assert read_outcome(journal) == running.outcome()


def test_a_page_goes_on_after_a_sequence(start):
    running, _ = start(count_up, 5)
    all_events(running)
    assert [event.sequence for event in told(running, 2, 2)] == [3, 4]
    assert told(running, 5, 2) == []


def test_an_error_that_the_caller_can_mend_is_told_from_a_fault_of_the_system(start):
    asked, _ = start(fail, WrongRequestError("there is no column x"), user_errors=(WrongRequestError,))
    assert all_events(asked) == []
    assert asked.outcome() == Outcome(error=RunError("user", "WrongRequestError", "there is no column x"))
    broken, _ = start(fail, ZeroDivisionError("oh"), user_errors=(WrongRequestError,))
    (trace,) = all_events(broken)
    assert "ZeroDivisionError: oh" in trace.event["log"]["text"]
    assert broken.outcome() == Outcome(error=RunError("system", "ZeroDivisionError", "oh"))


def test_a_runner_is_found_by_name_and_is_alone_under_it(start, tmp_path):
    running, journal = start(count_up, 2)
    events = all_events(running)
    name = journal.stem
    found = runner.find(name)
    assert found is not None
    assert told(found, 0, 10) == events
    with pytest.raises(ValueError, match=name):
        runner.start(name, count_up, 1, tmp_path / "other.jsonl")

    def ask_until_it_is_gone():  # Ray kills in its own time
        for _ in range(10_000):
            running.outcome()

    found.kill()
    with pytest.raises(runner.RunnerLost):
        ask_until_it_is_gone()
    assert runner.find(name) is None
    running.kill()


def test_a_journal_is_never_written_by_a_second_runner(start, tmp_path):
    running, journal = start(count_up, 1)
    all_events(running)
    before = journal.read_text()
    second = runner.start(f"{tmp_path.name}-second", count_up, 5, journal)
    with pytest.raises(runner.RunnerLost):
        told(second, 0, 10, WAIT_S)
    assert journal.read_text() == before


def test_killing_a_runner_ends_the_actors_that_it_owns(start, tmp_path):
    running, _ = start(hold_two_children, tmp_path / "never")
    (event,) = told(running, 0, 1, WAIT_S)
    running.kill()
    # The cluster has 2 CPUs and both are held: new children run only when the old ones are gone.
    new = [Child.remote() for _ in range(2)]
    pids = ray.get([child.pid.remote() for child in new], timeout=60)
    assert not set(pids) & set(event.event["pids"])
    for child in new:
        ray.kill(child)


def test_what_a_runner_had_told_is_left_when_it_dies(start):
    running, journal = start(die, None)
    with pytest.raises(runner.RunnerLost):
        all_events(running)
    assert [event.event for event in read_events(journal, 0, 10)] == [{"progress": {"trials_done": 1}}]
    assert read_outcome(journal) is None
