"""What a run reports: numbered events, kept in a JSON Lines file until its end, so that nothing is lost with the runner."""

import json
import os
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from cluster.faults import Fault

ErrorKind = Literal["user", "system"]
_KEPT = 4096


@dataclass(frozen=True)
class RunnerEvent:
    """One event of one run.

    Attributes:
        sequence: Position in the run, from 1, without gaps.
        time: When it was reported, UTC.
        event: What was reported: JSON values under one key.
    """

    sequence: int
    time: datetime
    event: dict[str, Any]


@dataclass(frozen=True)
class RunError:
    """Why a run failed.

    Attributes:
        kind: "user" when whoever asked for the run can mend it, else "system".
        type: Name of the exception's class.
        message: Its text.
        fault: What ended it, when the kind is "system".
        violations: What was wrong with what was asked for, as the exception tells by an attribute of this name.
    """

    kind: ErrorKind
    type: str
    message: str
    fault: Fault = Fault.OTHER
    violations: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True)
class Outcome:
    """How a run ended: with a result (JSON values) or an error."""

    result: Any = None
    error: RunError | None = None


class EventLog:
    """Appends a run's events to its journal, and answers for them from memory or, further back, from the journal.

    Safe to use from several threads.

    Args:
        journal: The file, which must not exist.
        node: Id of the node that the run is on.
    """

    def __init__(self, journal: Path, node: str = "") -> None:
        journal.parent.mkdir(parents=True, exist_ok=True)
        # Exclusive: a run's journal is never written by a second runner of the same name.
        self._file = journal.open("xb", buffering=0)
        self._path = journal
        self._changed = threading.Condition()
        self._recent: deque[RunnerEvent] = deque(maxlen=_KEPT)
        self._last = 0
        self._outcome: Outcome | None = None
        self._write({"node": node})

    @property
    def outcome(self) -> Outcome | None:
        """How the run ended; None while it goes on."""
        return self._outcome

    def append(self, event: Mapping[str, Any]) -> None:
        """Adds an event; its values must be JSON values.

        Raises:
            OSError: It cannot be written; the journal is as it was before.
        """
        with self._changed:
            plain = json.loads(json.dumps(event, default=_plain))
            entry = RunnerEvent(self._last + 1, datetime.now(UTC), plain)
            self._write({"sequence": entry.sequence, "time": entry.time.isoformat(), "event": plain})
            self._recent.append(entry)
            self._last = entry.sequence
            self._changed.notify_all()

    def end(self, outcome: Outcome) -> None:
        """Adds the outcome, which is the journal's last line. Whoever asks is told even where it cannot be written."""
        with self._changed:
            self._outcome = outcome
            self._changed.notify_all()
            self._write({"outcome": asdict(outcome)})
            os.fsync(self._file.fileno())

    def after(self, sequence: int, limit: int, wait_s: float) -> list[RunnerEvent]:
        """Returns at most ``limit`` events that follow ``sequence``, waiting for the first one unless the run has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._last > sequence or self._outcome is not None, wait_s)
            if not self._recent or sequence + 1 >= self._recent[0].sequence:
                return list(islice((e for e in self._recent if e.sequence > sequence), limit))
        return read_events(self._path, sequence, limit)

    def _write(self, line: dict[str, Any]) -> None:
        """Writes a whole line or none: on a full disk half a line would make the rest unreadable."""
        rest = memoryview(json.dumps(line, default=_plain).encode() + b"\n")
        before = self._file.tell()
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError:
            self._file.truncate(before)
            self._file.seek(before)
            raise


def read_events(journal: Path, after: int, limit: int) -> list[RunnerEvent]:
    """Reads at most ``limit`` events that follow ``after`` from the journal of a run; none when there is no journal."""
    events = (
        RunnerEvent(line["sequence"], datetime.fromisoformat(line["time"]), line["event"])
        for line in _lines(journal)
        if line.get("sequence", 0) > after
    )
    return list(islice(events, limit))


def read_outcome(journal: Path) -> Outcome | None:
    """Reads how a run ended from its journal; None when it did not come to its end."""
    for line in _lines(journal):
        if "outcome" in line:
            found = line["outcome"]
            return Outcome(found["result"], _run_error(**found["error"]) if found["error"] else None)
    return None


def read_node(journal: Path) -> str:
    """Reads on which node a run was; empty when it is not known."""
    first = next(_lines(journal), {})
    return str(first.get("node", ""))


def _run_error(fault: str = Fault.OTHER, violations: Sequence[Mapping[str, str]] = (), **fields: Any) -> RunError:
    return RunError(fault=Fault(fault), violations=tuple(violations), **fields)


def _lines(journal: Path) -> Iterator[dict[str, Any]]:
    if not journal.is_file():
        return
    with journal.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):  # a line cut off by the runner's death was never answered for
                yield json.loads(line)


def _plain(value: Any) -> Any:
    """Turns NumPy scalars and arrays into JSON values, without knowing NumPy."""
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"an event may hold JSON values only, not {type(value).__name__}")
