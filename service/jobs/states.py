"""Where a job stands, and the moves between the states."""

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """States by the short names of JobState in training_service.proto, in its order."""

    QUEUED = "queued"
    WAITING_FOR_RESOURCES = "waiting_for_resources"
    RUNNING = "running"
    CANCELLING = "cancelling"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


TERMINAL = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})
OPEN = frozenset(State) - TERMINAL

# A job that waits in the queue holds nothing, so it is cancelled at once; from CANCELLING only CANCELLED follows, so that
# cancel wins over an end of the run that comes at the same time.
MOVES: Mapping[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.WAITING_FOR_RESOURCES, State.FAILED, State.CANCELLED}),
    State.WAITING_FOR_RESOURCES: frozenset({State.RUNNING, State.CANCELLING, State.FAILED}),
    State.RUNNING: frozenset({State.WAITING_FOR_RESOURCES, State.CANCELLING, State.SUCCEEDED, State.FAILED}),
    State.CANCELLING: frozenset({State.CANCELLED}),
    State.SUCCEEDED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}
