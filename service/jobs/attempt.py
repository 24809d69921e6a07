"""One attempt of a job on the cluster: its runner is started or found again, followed, and ended."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster import runner
from cluster.events import Outcome, RunError, RunnerEvent, read_events, read_node, read_outcome
from cluster.faults import Fault

_BATCH = 500
_WAIT_S = 0.5
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Run:
    """What an attempt runs.

    Attributes:
        target: Called as ``target(arg, emit)`` on the cluster; importable there. Returns ``{"report": PATH}``, the JSON file
            of the result.
        arg: Its argument.
        loggers: Loggers whose records become the job's log.
    """

    target: Callable[[Any, runner.Emit], Any]
    arg: Any
    loggers: Sequence[str] = ("trainers", "tuning", "cluster")


@dataclass(frozen=True)
class News:
    """What a runner had to tell: its next events or, when all have been told, how it ended. Both empty: nothing new."""

    events: Sequence[RunnerEvent] = ()
    outcome: Outcome | None = None


class Attempt:
    """An attempt by its number. All calls block, and each may be made again after a crash at any point.

    The runner's name and its journal, which only one runner can create, fence the attempt: it runs once or not at all.

    Args:
        job: Id of the job.
        number: From 1.
        output: Folder of the job's files, shared with the cluster.
    """

    def __init__(self, job: str, number: int, output: Path) -> None:
        self.number = number
        self._name = f"{job}-{number}"
        self._journal = output / f"events-{number}.jsonl"
        self._runner = runner.find(self._name)
        self._lost = runner.RunnerLost("its process was killed, or its node was lost")

    @property
    def has_begun(self) -> bool:
        """Whether there is, or was, a runner."""
        return self._runner is not None or self._journal.exists()

    def start(self, run: Run, user_errors: Sequence[type[Exception]]) -> None:
        """Starts the runner."""
        self._runner = runner.start(
            self._name, run.target, run.arg, self._journal, tuple(user_errors), tuple(run.loggers)
        )

    def poll(self, after: int) -> News | None:
        """Returns what followed an event, waiting a moment for it; None while the runner does not answer.

        A runner that is gone is asked through its journal; without an outcome there, it ended by a system error.
        """
        if self._runner is not None:
            try:
                events = self._runner.events(after, _BATCH, _WAIT_S)
                return News(events) if events else News(outcome=self._runner.outcome())
            except TimeoutError:
                time.sleep(_WAIT_S)
                return None
            except runner.RunnerLost as error:
                logger.warning("runner %s is gone: %s", self._name, error)
                self._lost, self._runner = error, None
        events = read_events(self._journal, after, _BATCH)
        return News(events) if events else News(outcome=read_outcome(self._journal) or Outcome(error=self._how_lost()))

    def _how_lost(self) -> RunError:
        node, fault = read_node(self._journal), self._lost.fault
        if node and not runner.node_lives(node):
            fault = Fault.NODE_LOST
        return RunError("system", type(self._lost).__name__, f"the run ended without a result: {self._lost}", fault)

    def kill(self) -> None:
        """Ends the runner and everything that it owns, wherever it stands."""
        if self._runner is not None:
            self._runner.kill()
            self._runner = None

    def rest(self, after: int) -> Iterator[list[RunnerEvent]]:
        """Returns, in batches, what a runner that was killed had reported after an event."""
        while events := read_events(self._journal, after, _BATCH):
            yield events
            after = events[-1].sequence
