"""The table of moves says what the comments of the contract say."""

import re
from pathlib import Path

import pytest

from service.jobs.states import MOVES, OPEN, TERMINAL, State

PROTO = (Path(__file__).parents[4] / "proto/trainwright/v1/training_service.proto").read_text()


def comment(of: str) -> str:
    """The comment lines right above a line of the proto."""
    found = re.search(rf"((?:\s*//.*\n)+)\s*{re.escape(of)}", PROTO)
    assert found, of
    return " ".join(line.strip().lstrip("/ ") for line in found[1].strip().splitlines())


def states_in(text: str) -> set[State]:
    return {state for state in State if re.search(rf"\b{state.name}\b", text)}


def test_every_state_has_its_moves():
    assert set(MOVES) == set(State)
    assert set(State) == OPEN | TERMINAL


def test_terminal_is_final():
    sentence = comment("enum JobState {")
    assert "are final" in sentence
    assert states_in(sentence) == TERMINAL
    assert all(not MOVES[state] for state in TERMINAL)
    assert all(MOVES[state] for state in OPEN)


def test_a_job_that_is_not_terminal_can_be_stopped_and_then_only_that():
    assert "Stops a job that is not terminal" in comment("rpc CancelTrainingJob(")
    for state in OPEN - {State.CANCELLING}:
        assert {State.CANCELLING, State.CANCELLED} & MOVES[state]
    assert MOVES[State.CANCELLING] == {State.CANCELLED}
    # Only a job that has not started is CANCELLED without being stopped first.
    assert comment("JOB_STATE_QUEUED = 1;") == "Accepted, not started."
    assert {state for state in State if State.CANCELLED in MOVES[state]} == {State.QUEUED, State.CANCELLING}


def test_waiting_has_a_limit():
    limited = states_in(comment("google.protobuf.Duration queue_timeout = 19;"))
    assert limited == {State.QUEUED, State.WAITING_FOR_RESOURCES}
    assert all(State.FAILED in MOVES[state] for state in limited)


def test_a_report_comes_from_training_only():
    assert {state for state in State if State.SUCCEEDED in MOVES[state]} == {State.RUNNING}


@pytest.mark.parametrize("state", State)
def test_every_state_can_be_reached(state):
    reached = {State.QUEUED}
    for _ in State:
        reached |= {to for start in reached for to in MOVES[start]}
    assert state in reached
