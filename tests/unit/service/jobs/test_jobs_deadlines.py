"""Deadlines hold whatever is done to the machine's clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from service.jobs import changes
from service.jobs.deadlines import Deadlines
from service.jobs.records import JobRecord, NewJob
from service.jobs.states import State

START = datetime(2026, 1, 1, tzinfo=UTC)


class Clocks:
    """The time of day, which anyone can set, and one that nobody can."""

    def __init__(self) -> None:
        self.wall, self.seconds = START, 1000.0

    def pass_by(self, seconds: float) -> None:
        self.wall, self.seconds = self.wall + timedelta(seconds=seconds), self.seconds + seconds

    def deadlines(self) -> Deadlines:
        return Deadlines(lambda: self.wall, lambda: self.seconds)


def job(state: State) -> JobRecord:
    made, _ = changes.accepted(NewJob(spec={}, queue_timeout_s=60, run_deadline_s=100), "/jobs/x", START)
    made, _ = changes.moved(made, State.WAITING_FOR_RESOURCES, START)
    return replace(made, state=state)


@pytest.mark.parametrize("jump", [timedelta(0), timedelta(hours=3), timedelta(hours=-3)])
def test_a_clock_that_is_set_neither_ends_a_run_nor_lets_it_go_on(jump: timedelta) -> None:
    clocks, running = Clocks(), job(State.RUNNING)
    deadlines = clocks.deadlines()
    assert deadlines.overdue(running) is None
    clocks.wall += jump
    clocks.pass_by(99)
    assert deadlines.overdue(running) is None
    clocks.pass_by(2)
    assert "within 100 s" in deadlines.overdue(running).message


def test_waiting_for_resources_counts_as_waiting() -> None:
    clocks = Clocks()
    deadlines = clocks.deadlines()
    assert deadlines.overdue(job(State.WAITING_FOR_RESOURCES)) is None
    clocks.pass_by(61)
    assert "did not start within 60 s" in deadlines.overdue(job(State.WAITING_FOR_RESOURCES)).message
    assert deadlines.overdue(job(State.RUNNING)) is None


def test_a_deadline_that_passed_while_no_service_ran_is_over_at_once() -> None:
    clocks = Clocks()
    clocks.pass_by(500)
    assert clocks.deadlines().overdue(job(State.RUNNING)) is not None
