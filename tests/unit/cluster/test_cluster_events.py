import resource
import threading
from datetime import UTC

import numpy as np
import pytest

from cluster import events
from cluster.events import EventLog, Outcome, RunError, read_events, read_node, read_outcome
from cluster.faults import Fault


def test_events_are_numbered_and_kept_in_the_journal(tmp_path):
    log = EventLog(tmp_path / "new folder/events.jsonl")
    log.append({"phase": {"phase": "load"}})
    log.append({"trial": {"mean": np.float64(0.5), "fold_scores": np.array([0.25, 0.75])}})
    found = log.after(0, 10, 0)
    assert [event.sequence for event in found] == [1, 2]
    assert found[0].time.tzinfo is UTC
    assert found[1].event == {"trial": {"mean": 0.5, "fold_scores": [0.25, 0.75]}}
    assert read_events(tmp_path / "new folder/events.jsonl", 0, 10) == found
    assert read_events(tmp_path / "new folder/events.jsonl", 1, 10) == found[1:]


def test_what_memory_has_dropped_is_answered_from_the_journal(tmp_path, monkeypatch):
    monkeypatch.setattr(events, "_KEPT", 3)
    log = EventLog(tmp_path / "events.jsonl")
    for i in range(10):
        log.append({"progress": {"trials_done": i}})
    assert len(log._recent) == 3
    for after in range(11):
        assert [event.sequence for event in log.after(after, 4, 0)] == list(range(after + 1, min(after + 5, 11)))


def test_a_line_cut_off_by_death_is_left_out(tmp_path):
    journal = tmp_path / "events.jsonl"
    log = EventLog(journal)
    log.append({"phase": {"phase": "load"}})
    log.append({"phase": {"phase": "split"}})
    journal.write_text(journal.read_text()[:-10])
    assert [event.sequence for event in read_events(journal, 0, 10)] == [1]
    assert read_outcome(journal) is None


def test_the_outcome_is_the_last_line(tmp_path):
    journal = tmp_path / "events.jsonl"
    log = EventLog(journal)
    assert log.outcome is None
    failed = Outcome(error=RunError("user", "SpecError", "there is no column x"))
    log.end(failed)
    assert log.outcome == failed
    assert read_outcome(journal) == failed
    assert read_events(journal, 0, 10) == []


def test_a_journal_has_one_writer(tmp_path):
    EventLog(tmp_path / "events.jsonl")
    with pytest.raises(FileExistsError):
        EventLog(tmp_path / "events.jsonl")


def test_waiting_ends_with_the_next_event_and_with_the_end(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    answers: list = []
    waiting = threading.Thread(target=lambda: answers.append(log.after(0, 10, 60)))
    waiting.start()
    log.append({"phase": {"phase": "load"}})
    waiting.join(30)
    assert [event.sequence for event in answers[0]] == [1]
    waiting = threading.Thread(target=lambda: answers.append(log.after(1, 10, 60)))
    waiting.start()
    log.end(Outcome(result={}))
    waiting.join(30)
    assert answers[1] == []


def test_an_event_that_is_no_json_is_refused(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    with pytest.raises(TypeError, match="JSON values only, not object"):
        log.append({"phase": object()})
    assert log.after(0, 10, 0) == []
    assert read_events(tmp_path / "events.jsonl", 0, 10) == []


def test_a_run_without_journal_has_told_nothing(tmp_path):
    assert read_events(tmp_path / "none.jsonl", 0, 10) == []
    assert read_outcome(tmp_path / "none.jsonl") is None


@pytest.fixture
def full_disk():
    """Lets files grow by so many bytes only, as a quota does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_leaves_whole_lines_and_the_outcome_is_told_all_the_same(tmp_path, full_disk):
    journal = tmp_path / "events.jsonl"
    log = EventLog(journal, "node")
    log.append({"phase": {"phase": "load"}})
    full_disk(journal.stat().st_size + 20)
    with pytest.raises(OSError, match="too large"):
        log.append({"phase": {"phase": "x" * 100}})
    with pytest.raises(OSError, match="too large"):
        log.end(Outcome(result="done"))
    assert log.outcome == Outcome(result="done")
    assert [event.sequence for event in read_events(journal, 0, 10)] == [1]
    full_disk(10_000)
    log.append({"phase": {"phase": "split"}})
    assert [event.sequence for event in read_events(journal, 0, 10)] == [1, 2]
    assert read_node(journal) == "node"


def test_what_ended_a_run_is_kept_with_its_outcome(tmp_path):
    failed = Outcome(error=RunError("system", "OSError", "no space", Fault.DISK_FULL))
    EventLog(tmp_path / "new.jsonl").end(failed)
    assert read_outcome(tmp_path / "new.jsonl") == failed
    before = '{"outcome": {"result": null, "error": {"kind": "system", "type": "E", "message": "m"}}}\n'
    (tmp_path / "before.jsonl").write_text(before)
    assert read_outcome(tmp_path / "before.jsonl").error.fault is Fault.OTHER
