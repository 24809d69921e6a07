"""The live view of a job in a terminal, with rich."""

from types import TracebackType
from typing import Final, Self

import rich.live
from rich.console import Console, Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from trainwright.progress import Board, Quiet, duration
from trainwright.values import Finding, JobEvent, JobInfo, JobState

STATE_STYLES: Final = {
    JobState.QUEUED: "yellow",
    JobState.WAITING_FOR_RESOURCES: "yellow",
    JobState.RUNNING: "cyan",
    JobState.CANCELLING: "magenta",
    JobState.SUCCEEDED: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "magenta",
}
FINDING_STYLES: Final = {"error": "red", "warning": "yellow", "info": "blue"}


class Live(Quiet):
    """Redraws the board of a job in place; findings scroll by above it."""

    def __init__(self, console: Console | None = None) -> None:
        self._board = Board()
        self._live = rich.live.Live(
            console=console or Console(stderr=True), refresh_per_second=4, get_renderable=lambda: draw(self._board)
        )

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._live.stop()

    def show(self, message: JobInfo | JobEvent) -> None:
        """Brings a message of ``Job.watch`` onto the board."""
        self._board.accept(message)
        if isinstance(message, JobEvent) and isinstance(message.what, Finding):
            finding = message.what
            style = FINDING_STYLES.get(finding.severity, "")
            self._live.console.print(Text.assemble((f"{finding.code} ", style), finding.message))


def draw(board: Board) -> RenderableType:
    """Draws a board: state and phase, the bar with time left, and the candidates, best first."""
    progress = board.progress
    where = f"  {board.jobs_ahead} ahead" if board.jobs_ahead else f"  {board.phase}" if board.phase else ""
    where += f"  waits for {', '.join(progress.pending_resources)}" if progress.pending_resources else ""
    head = Text.assemble((board.name, "bold"), "  ", (board.state.value, STATE_STYLES[board.state]), where)

    bar = Table.grid(padding=(0, 1))
    left = f"about {duration(progress.remaining)} left" if progress.remaining and not board.state.terminal else ""
    bar.add_row(
        ProgressBar(total=1.0, completed=progress.fraction, width=40),
        f"{progress.fraction:4.0%}",
        f"{progress.fits_done}/{progress.fits_total} fits" if progress.fits_total else "",
        left,
    )
    return Group(head, bar, _candidates(board)) if board.candidates else Group(head, bar)


def _candidates(board: Board) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("candidate")
    table.add_column("best score", justify="right")
    table.add_column("trials", justify="right")
    lines = sorted(board.candidates.items(), key=lambda item: (item[1].best is None, -(item[1].best or 0.0)))
    for rank, (family, line) in enumerate(lines):
        score = "" if line.best is None else f"{line.best:.4f}"
        table.add_row(family, score, str(line.trials), style="bold" if rank == 0 and line.best is not None else "")
    return table
