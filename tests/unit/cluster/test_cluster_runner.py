"""What Ray says of a runner that it cannot reach."""

from types import SimpleNamespace
from typing import Any

import pytest
from ray.exceptions import ActorDiedError, ActorUnavailableError, OutOfMemoryError

from cluster import runner
from cluster.faults import Fault


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Asks a runner, and Ray raises an error."""

    def ask(error: Exception) -> None:
        def get(*_: Any, **__: Any) -> None:
            raise error

        monkeypatch.setattr(runner.ray, "get", get)
        runner.Runner(SimpleNamespace(outcome=SimpleNamespace(remote=lambda: None))).outcome()

    return ask


def test_a_broken_connection_is_not_the_end_of_a_run(asked: Any) -> None:
    with pytest.raises(TimeoutError):
        asked(ActorUnavailableError("socket closed", None))


def test_the_end_of_its_process_is_and_want_of_memory_is_told(asked: Any) -> None:
    with pytest.raises(runner.RunnerLost) as lost:
        asked(ActorDiedError())
    assert lost.value.fault is Fault.OTHER
    with pytest.raises(runner.RunnerLost) as lost:
        asked(OutOfMemoryError("the node ran out of memory"))
    assert lost.value.fault is Fault.OUT_OF_MEMORY
