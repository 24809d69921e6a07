"""Runs one function as a durable, observable, cancellable job: a named, detached Ray actor that outlives who started it."""

import logging
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import ray
from ray.actor import ActorHandle
from ray.exceptions import ActorUnavailableError, OutOfMemoryError, RayActorError

from cluster.events import EventLog, Outcome, RunError, RunnerEvent
from cluster.faults import Fault, fault_of
from cluster.resources import place_of_runs
from cluster.session import NAMESPACE, is_connected

A = TypeVar("A")
Emit = Callable[[Mapping[str, Any]], None]
_ANSWER_S = 60.0
_START_S = 1.0  # after which whoever asks looks at other things, such as a cancel, and asks again


class RunnerLost(Exception):  # noqa: N818
    """The runner has ended without having been asked to.

    Attributes:
        fault: By what, as far as Ray tells.
    """

    def __init__(self, message: str, fault: Fault = Fault.OTHER) -> None:
        self.fault = fault
        super().__init__(message)


class Runner:
    """Handle of a runner, valid in any program connected to the cluster. Its calls block."""

    def __init__(self, actor: ActorHandle) -> None:
        self._actor = actor

    @cached_property
    def _started(self) -> ray.ObjectRef:
        return self._actor.__ray_ready__.remote()

    def events(self, after: int, limit: int, wait_s: float = 0.0) -> list[RunnerEvent]:
        """Returns at most ``limit`` events that follow sequence ``after``, oldest first.

        When there is none it waits up to ``wait_s`` seconds for the next one, or for the end of the run.

        Raises:
            RunnerLost: The runner is gone; the rest is in its journal.
            TimeoutError: It does not answer; it may run all the same.
        """
        if not ray.wait([self._started], timeout=_START_S)[0]:
            raise TimeoutError("the runner waits for a node")
        return list(self._ask(self._actor.events.remote(after, limit, wait_s)))

    def outcome(self) -> Outcome | None:
        """Returns how the run ended; None while it goes on. Events reported before the end can be read before and after.

        Raises:
            RunnerLost: The runner is gone; the outcome may be in its journal.
            TimeoutError: It does not answer; it may run all the same.
        """
        found: Outcome | None = self._ask(self._actor.outcome.remote())
        return found

    def kill(self) -> None:
        """Ends the runner at once, and with it every actor and task that it owns. Harmless when it is gone already."""
        ray.kill(self._actor, no_restart=True)

    def _ask(self, answer: ray.ObjectRef) -> Any:
        try:
            return ray.get(answer, timeout=_ANSWER_S)
        except ActorUnavailableError as error:  # the connection is broken, which says nothing of the run
            raise TimeoutError(str(error)) from error
        except (RayActorError, OutOfMemoryError) as error:
            raise RunnerLost(str(error).partition("\n")[0], fault_of(error)) from error


def start(
    name: str,
    target: Callable[[A, Emit], Any],
    arg: A,
    journal: Path,
    user_errors: tuple[type[Exception], ...] = (),
    loggers: Sequence[str] = (),
) -> Runner:
    """Starts ``target(arg, emit)`` on the cluster. The runner stays after the end until it is killed.

    Args:
        name: Name by which `find` finds it; one runner a name.
        target: What to run, importable on the cluster. It may call ``emit`` with events (JSON values under one key).
        arg: Its argument.
        journal: File that gets the events and the outcome; it must not exist.
        user_errors: Exceptions that whoever asked for the run can mend.
        loggers: Loggers whose records from INFO on become ``{"log": ...}`` events.

    Raises:
        ValueError: There is a runner of this name.
    """
    there = place_of_runs()
    actor = ray.remote(_Run).options(
        name=name,
        namespace=NAMESPACE,
        lifetime="detached",
        num_cpus=there.bundle.get("CPU", 0),
        label_selector=dict(there.labels),
        max_concurrency=4,
    )
    return Runner(actor.remote(target, arg, journal, user_errors, tuple(loggers)))


def find(name: str) -> Runner | None:
    """Finds a runner by name, whoever started it; None when there is none."""
    try:
        return Runner(ray.get_actor(name, namespace=NAMESPACE))
    except ValueError:
        return None


def names() -> list[str]:
    """Names of all runners of the cluster, whoever started them; none while its head is away."""
    if not is_connected():
        return []
    found = ray.util.list_named_actors(all_namespaces=True)
    return [actor["name"] for actor in found if actor["namespace"] == NAMESPACE]


def node_lives(node: str) -> bool:
    """Whether a node, by its id, is still part of the cluster; a head that was started anew knows none of before.

    Raises:
        ConnectionError: The head is away; ask again when it is back.
    """
    if not is_connected():
        raise ConnectionError("Ray does not answer; it is connected to again as soon as it does")
    return any(each["NodeID"] == node and each["Alive"] for each in ray.nodes())


class _Run:
    """The actor. It begins in its constructor, so there is no moment at which it exists and does not run."""

    def __init__(
        self,
        target: Callable[[Any, Emit], Any],
        arg: Any,
        journal: Path,
        user_errors: tuple[type[Exception], ...],
        loggers: tuple[str, ...],
    ) -> None:
        self._log = EventLog(journal, ray.get_runtime_context().get_node_id())
        self._user_errors = user_errors
        for name in loggers:
            logging.getLogger(name).setLevel(logging.INFO)
            logging.getLogger(name).addHandler(LogEvents(self._log))
        threading.Thread(target=self._run, args=(target, arg), name="run", daemon=True).start()

    def events(self, after: int, limit: int, wait_s: float) -> list[RunnerEvent]:
        return self._log.after(after, limit, wait_s)

    def outcome(self) -> Outcome | None:
        return self._log.outcome

    def _run(self, target: Callable[[Any, Emit], Any], arg: Any) -> None:
        try:
            outcome = Outcome(result=target(arg, self._log.append))
        except BaseException as error:  # whatever ends the run is its outcome
            outcome = Outcome(error=self._describe(error))
        with suppress(OSError):  # told from memory then
            self._log.end(outcome)

    def _describe(self, error: BaseException) -> RunError:
        if isinstance(error, self._user_errors):
            violations = tuple(asdict(each) for each in getattr(error, "violations", ()))
            return RunError("user", type(error).__name__, str(error), violations=violations)
        trace = "".join(traceback.format_exception(error))
        with suppress(OSError):
            self._log.append({"log": {"level": "error", "text": trace, "logger": __name__}})
        return RunError("system", type(error).__name__, str(error), fault_of(error))


class LogEvents(logging.Handler):
    """Turns log records into events."""

    def __init__(self, log: EventLog) -> None:
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Appends a record."""
        level = "info" if record.levelno < logging.WARNING else "warning" if record.levelno < logging.ERROR else "error"
        with suppress(OSError):  # a run does not end for want of its log
            self._log.append({"log": {"level": level, "text": self.format(record), "logger": record.name}})
