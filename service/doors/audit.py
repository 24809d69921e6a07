"""Who changed what, and who was turned away: one JSON object a line in ``audit.jsonl``, kept apart from the service's log."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from logging import INFO, LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE = "audit.jsonl"
MAX_BYTES = 32 << 20
KEPT = 20  # files


@dataclass(frozen=True)
class Entry:
    """One call.

    Attributes:
        method: Name of the call.
        outcome: gRPC status code.
        call: Id of the call, as in the service's log.
        peer: gRPC peer.
        caller: Name of the caller; empty when it is not known.
        tenant: Tenant acted in.
        role: Role of the caller.
        subject: What the call was about, such as a job's name.
    """

    method: str
    outcome: str
    call: str
    peer: str
    caller: str = ""
    tenant: str = ""
    role: str = ""
    subject: str = ""


class Audit:
    """The audit log.

    Args:
        folder: Where the file lies. When it is full it is turned over; the latest KEPT are kept.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = RotatingFileHandler(
            folder / FILE, maxBytes=MAX_BYTES, backupCount=KEPT, encoding="utf-8", delay=True
        )

    def write(self, entry: Entry) -> None:
        """Adds a line."""
        line = json.dumps({"time": datetime.now(UTC).isoformat(timespec="milliseconds"), **asdict(entry)})
        self._file.handle(LogRecord("audit", INFO, "", 0, line, None, None))

    def close(self) -> None:
        """Closes the file."""
        self._file.close()
