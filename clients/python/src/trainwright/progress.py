"""Shows how a job goes on: what is known so far, and plain lines about it. The live view is in live.py."""

import sys
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TextIO

from trainwright.values import (
    Finding,
    JobEvent,
    JobInfo,
    JobState,
    PhaseChange,
    Progress,
    StateChange,
    Trial,
)


@dataclass(frozen=True)
class CandidateLine:
    """One family in the race: its best completed score so far and how many configurations have ended."""

    best: float | None = None
    trials: int = 0


class Board:
    """All that has been told about one job. Events older than the snapshot add trials but move nothing back."""

    def __init__(self) -> None:
        self.name = ""
        self.state = JobState.QUEUED
        self.phase = ""
        self.jobs_ahead = 0
        self.progress = Progress()
        self.candidates: dict[str, CandidateLine] = {}
        self._known_until = 0

    def accept(self, message: JobInfo | JobEvent) -> None:
        """Takes note of a message of ``Job.watch``."""
        if isinstance(message, JobInfo):
            self.name, self.state, self.phase = message.name, message.state, message.phase
            self.progress, self.jobs_ahead = message.progress, message.jobs_ahead
            self._known_until = message.last_sequence
        elif isinstance(message.what, Trial):
            self._count(message.what)
        elif message.sequence > self._known_until:
            self._move(message.what)

    def _count(self, trial: Trial) -> None:
        line = self.candidates.get(trial.family, CandidateLine())
        if trial.state != "running":
            scores = [s for s in (line.best, trial.mean if trial.state == "completed" else None) if s is not None]
            line = CandidateLine(max(scores, default=None), line.trials + 1)
        self.candidates[trial.family] = line

    def _move(self, what: object) -> None:
        if isinstance(what, StateChange):
            self.state, self.jobs_ahead = what.after, 0
        elif isinstance(what, PhaseChange):
            self.phase = what.phase
        elif isinstance(what, Progress):
            self.progress = what


class Quiet:
    """Shows nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    def show(self, message: JobInfo | JobEvent) -> None:
        """Takes note of a message of ``Job.watch``."""


class Lines(Quiet):
    """Writes a line for each thing worth one, to a file or a log that is no terminal."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._tenths = 0
        self._named = False
        self._best: float | None = None

    def show(self, message: JobInfo | JobEvent) -> None:
        """Writes what the message brings, if it is worth a line."""
        line = self._snapshot(message) if isinstance(message, JobInfo) else self._event(message)
        if line:
            print(line, file=self._file, flush=True)

    def _snapshot(self, job: JobInfo) -> str:
        if self._named:  # the service was restarted: events go on where they were
            return ""
        self._named = True
        ahead = f", {job.jobs_ahead} ahead" if job.jobs_ahead else ""
        return f"{job.name} {job.state.value}{ahead}"

    def _event(self, event: JobEvent) -> str:
        match event.what:
            case StateChange(after=state):
                return f"state {state.value}"
            case PhaseChange(phase=phase):
                return f"phase {phase}"
            case Finding() as finding:
                return f"{finding.severity} {finding.code}: {finding.message}"
            case Trial(state="completed", mean=mean) as trial if mean is not None:
                return self._better(trial, mean)
            case Progress() as progress:
                return self._further(progress)
        return ""

    def _better(self, trial: Trial, mean: float) -> str:
        if self._best is not None and mean <= self._best:
            return ""
        self._best = mean
        return f"best {mean:.4f} {trial.family} (trial {trial.number})"

    def _further(self, progress: Progress) -> str:
        if progress.pending_resources:
            return f"waits for {', '.join(progress.pending_resources)}"
        tenths = int(progress.fraction * 10)
        if tenths <= self._tenths:
            return ""
        self._tenths = tenths
        left = f", about {duration(progress.remaining)} left" if progress.remaining is not None else ""
        return f"progress {progress.fraction:.0%}, {progress.fits_done}/{progress.fits_total} fits{left}"


def view() -> Quiet:
    """The best view the standard error allows: live in a terminal where rich is installed, lines elsewhere."""
    if sys.stderr.isatty():
        try:
            from trainwright.live import Live
        except ImportError:
            pass
        else:
            return Live()
    return Lines(sys.stderr)


def duration(seconds: float) -> str:
    """Writes seconds as ``12s``, ``3m05s`` or ``2h10m``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02d}m"
    return f"{minutes}m{rest:02d}s" if minutes else f"{rest}s"
