import io

import pytest
from rich.console import Console

from trainwright.live import Live, draw
from trainwright.progress import Board, CandidateLine, Lines, duration, view
from trainwright.values import Finding, JobEvent, JobInfo, JobState, PhaseChange, Progress, StateChange, Trial


def events(*things, start=1):
    return [JobEvent(number, None, 1, what) for number, what in enumerate(things, start)]


def snapshot(last=0, **fields):
    return JobInfo("trainingJobs/a", fields.pop("state", JobState.QUEUED), last_sequence=last, **fields)


RUN = [
    snapshot(jobs_ahead=2),
    *events(
        StateChange(JobState.QUEUED, JobState.RUNNING),
        PhaseChange("search"),
        Finding("CLASS_IMBALANCE", "warning", ("y",), "3 % are positive", "use resample"),
        Trial(0, "xgboost", state="running", mean=0.99),
        Trial(0, "xgboost", state="completed", mean=0.70),
        Trial(1, "xgboost", state="stopped", mean=0.95),
        Trial(2, "ridge", state="completed", mean=0.65),
        Trial(3, "svm", state="failed"),
        Trial(4, "xgboost", state="completed", mean=0.80),
        Progress(0.41, 75.0, 41, 100, 4, 0.8, "xgboost"),
        Progress(0.42, 70.0, 42, 100, 4, 0.8, "xgboost"),
    ),
]


def board(*messages):
    told = Board()
    for message in messages:
        told.accept(message)
    return told


def test_a_board_counts_ended_trials_and_keeps_the_best_completed():
    assert board(*RUN).candidates == {
        "xgboost": CandidateLine(0.80, 3),
        "ridge": CandidateLine(0.65, 1),
        "svm": CandidateLine(None, 1),
    }


def test_what_a_run_waits_for_is_shown():
    waiting = Progress(0.1, pending_resources=("2 x {CPU: 8}",))
    told = board(snapshot(), *events(StateChange(JobState.RUNNING, JobState.WAITING_FOR_RESOURCES), waiting))
    shown = Console(file=io.StringIO(), width=120)
    shown.print(draw(told))
    assert "waits for 2 x {CPU: 8}" in shown.file.getvalue()
    lines = io.StringIO()
    Lines(lines).show(events(waiting)[0])
    assert lines.getvalue() == "waits for 2 x {CPU: 8}\n"


def test_old_events_move_nothing_back():
    now = snapshot(last=12, state=JobState.SUCCEEDED, phase="publish", progress=Progress(1.0))
    told = board(now, *RUN[1:])
    assert (told.state, told.phase, told.progress.fraction) == (JobState.SUCCEEDED, "publish", 1.0)
    assert told.candidates["xgboost"].trials == 3
    told.accept(JobEvent(13, None, 1, PhaseChange("later")))
    assert told.phase == "later"


def test_lines_tell_each_thing_once():
    out = io.StringIO()
    with Lines(out) as lines:
        for message in [*RUN, snapshot()]:
            lines.show(message)
    assert out.getvalue().splitlines() == [
        "trainingJobs/a queued, 2 ahead",
        "state running",
        "phase search",
        "warning CLASS_IMBALANCE: 3 % are positive",
        "best 0.7000 xgboost (trial 0)",
        "best 0.8000 xgboost (trial 4)",
        "progress 41%, 41/100 fits, about 1m15s left",
    ]


def render(thing):
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    console.print(thing)
    return console.file.getvalue()


def test_the_drawing_shows_phase_bar_and_candidates_best_first():
    drawn = render(draw(board(*RUN)))
    assert "trainingJobs/a  running  search" in drawn
    assert "42% 42/100 fits about 1m10s left" in drawn
    assert [line.split() for line in drawn.splitlines()[-3:]] == [
        ["xgboost", "0.8000", "3"],
        ["ridge", "0.6500", "1"],
        ["svm", "1"],
    ]
    assert "2 ahead" in render(draw(board(RUN[0])))


def test_the_live_view_ends_with_the_last_state_and_keeps_findings():
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system=None)
    with Live(console) as live:
        for message in [*RUN, *events(StateChange(JobState.RUNNING, JobState.SUCCEEDED), start=12)]:
            live.show(message)
    text = console.file.getvalue()
    assert "CLASS_IMBALANCE 3 % are positive" in text
    assert "succeeded" in text.split("CLASS_IMBALANCE")[-1]


@pytest.mark.parametrize(("terminal", "kind"), [(True, Live), (False, Lines)])
def test_a_terminal_gets_the_live_view(monkeypatch, terminal, kind):
    stderr = io.StringIO()
    stderr.isatty = lambda: terminal
    monkeypatch.setattr("sys.stderr", stderr)
    assert type(view()) is kind


@pytest.mark.parametrize(("seconds", "text"), [(0.4, "0s"), (59.6, "1m00s"), (185, "3m05s"), (7800, "2h10m")])
def test_durations(seconds, text):
    assert duration(seconds) == text
