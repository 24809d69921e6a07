"""What a job store must do, on SQLite and on a real PostgreSQL."""

import math
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy

from cluster.events import RunnerEvent
from service.jobs import errors
from service.jobs.database import migrate, migrate_back, open_database
from service.jobs.records import Column, JobError, JobQuery, LogQuery, NewJob
from service.jobs.states import MOVES, State
from service.jobs.store import Store

SPEC = {"data": {"uri": "a.csv"}, "candidates": [{"family": "ridge"}]}
START = datetime(2026, 1, 1, tzinfo=UTC)
FAULT = JobError(13, "the node was lost", "system")


def create(store: Store, **values):
    job, created = store.create(NewJob(**{"spec": SPEC, **values}), "/jobs/x")
    assert created
    return job


def running(store: Store):
    job = create(store)
    store.move(job.id, State.QUEUED, State.WAITING_FOR_RESOURCES)
    return store.move(job.id, State.WAITING_FOR_RESOURCES, State.RUNNING)


def told(first: int, *events: dict) -> list[RunnerEvent]:
    return [RunnerEvent(first + i, START + timedelta(seconds=first + i), event) for i, event in enumerate(events)]


def progress(fraction: float, **values) -> dict:
    return {"progress": {"fraction": fraction, **values}}


def test_an_adopted_run_is_stored_once_with_all_that_it_told(store):
    new = NewJob(spec=SPEC, request_id="r", request_digest="d", labels={"from": "ray"})
    trial = {"number": 0, "family": "ridge"}
    events = told(1, {"phase": {"phase": "load"}}, {"log": {"level": "info", "text": "hello", "logger": "x"}},
                  {"trial": {**trial, "state": "running"}}, {"trial": {**trial, "state": "completed"}}, progress(1.0))  # fmt: skip
    job = store.adopt(new, "/jobs/x", events, {"decision": "d"})
    assert store.adopt(new, "/jobs/x", events, {"decision": "d"}) == job == store.get(job.id)
    assert (job.state, job.report, job.start_time) == (State.SUCCEEDED, {"decision": "d"}, events[0].time)
    assert (job.end_time, job.attempts[0].end_time) == (events[-1].time, events[-1].time)
    assert all(phase.start_time <= phase.end_time for phase in job.history)
    assert [next(iter(each.event)) for each in store.events(job.id, 0)] == [
        "state", "state", "state", "phase", "trial", "trial", "progress", "state"
    ]  # fmt: skip
    assert [each["state"] for each in store.trials(job.id)[0]] == ["completed"]
    assert [line.text for line in store.logs(job.id, LogQuery())] == ["hello"]
    assert store.answered(new) == job
    assert [each.id for each in store.list_jobs(JobQuery(filter='labels.from = "ray"'))[0]] == [job.id]


def test_a_job_is_read_as_it_was_stored(store):
    new = NewJob(
        spec=SPEC, request_id="r", request_digest="d", labels={"team": "ä \0"}, queue_timeout_s=1.5, run_deadline_s=60
    )
    made, created = store.create(new, "/jobs/x")
    assert created
    job = store.get(new.id)
    assert job == made
    assert (job.state, job.spec, job.labels) == (State.QUEUED, SPEC, {"team": "ä \0"})
    assert (job.queue_timeout_s, job.run_deadline_s, job.output) == (1.5, 60.0, "/jobs/x")
    assert [event.event for event in store.events(job.id, 0)] == [{"state": {"to": "queued"}}]
    with pytest.raises(errors.JobNotFound, match="trainingJobs/none"):
        store.get("none")


def test_heavy_fields_are_left_out_unless_asked_for(store):
    job = create(store)
    light = store.get(job.id, frozenset())
    assert (light.spec, light.history, light.report) == ({}, (), None)
    assert store.list_jobs(JobQuery())[0] == [light]
    assert store.list_jobs(JobQuery(heavy=frozenset({"spec"})))[0][0].spec == SPEC


def test_the_same_request_makes_one_job(store):
    first, _ = store.create(NewJob(spec=SPEC, request_id="r", request_digest="d"), "/jobs/x")
    again, created = store.create(NewJob(spec=SPEC, request_id="r", request_digest="d"), "/jobs/x")
    assert (again, created) == (first, False)
    with pytest.raises(errors.RequestIdReused, match=first.id):
        store.create(NewJob(spec=SPEC, request_id="r", request_digest="other"), "/jobs/x")
    assert create(store).id != create(store).id
    assert create(store, request_id="r", request_digest="other", tenant="other").tenant == "other"


def test_the_same_request_at_once_makes_one_job(store):
    gate = threading.Barrier(8)

    def send(_):
        gate.wait()
        return store.create(NewJob(spec=SPEC, request_id="r", request_digest="d"), "/jobs/x")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))
    assert len({job.id for job, _ in answers}) == 1
    assert [created for _, created in answers].count(True) == 1
    assert len(store.open_jobs()) == 1


def test_a_failed_job_does_not_lock_its_request_id(store):
    failed = create(store, request_id="r", request_digest="d")
    store.move(failed.id, State.QUEUED, State.FAILED, FAULT)
    second = create(store, request_id="r", request_digest="better")
    assert second.id != failed.id
    assert store.create(NewJob(spec=SPEC, request_id="r", request_digest="better"), "")[0].id == second.id
    store.move(second.id, State.QUEUED, State.CANCELLED)
    assert store.create(NewJob(spec=SPEC, request_id="r", request_digest="better"), "")[0].id == second.id


def test_a_claim_is_remembered_also_after_the_job_is_gone(store):
    job = create(store, request_id="made", request_digest="d")
    store.move(job.id, State.QUEUED, State.CANCELLED)
    with pytest.raises(errors.JobNotFound):
        store.claim("r", "delete", "none", "default")
    assert store.claim("r", "delete", job.id, "default") is False
    assert store.claim("r", "delete", job.id, "default") is True
    with pytest.raises(errors.RequestIdReused):
        store.claim("r", "cancel", job.id, "default")
    with pytest.raises(errors.RequestIdReused):
        store.create(NewJob(spec=SPEC, request_id="r", request_digest="d"), "")
    store.delete(job.id, "r")
    assert store.claim("r", "delete", job.id, "default") is True
    assert create(store, request_id="made", request_digest="d").id != job.id


@pytest.mark.parametrize("start", State)
def test_only_legal_moves_are_made(store, start):
    for to in State:
        job = create(store)
        for step in _path(start):
            job = store.move(job.id, job.state, step)
        if to in MOVES[start]:
            assert store.move(job.id, start, to).state is to
        else:
            with pytest.raises(errors.IllegalMove, match=f"{start.upper()} and cannot become {to.upper()}"):
                store.move(job.id, start, to)
            assert store.get(job.id) == job
            assert store.events(job.id, job.last_sequence) == []


def test_a_move_from_where_the_job_no_longer_is_is_not_made(store):
    job = running(store)
    stopping = store.move(job.id, State.RUNNING, State.CANCELLING)
    with pytest.raises(errors.IllegalMove):
        store.move(job.id, State.QUEUED, State.CANCELLED)  # legal from CANCELLING too, but its run is not stopped yet
    assert store.get(job.id) == stopping


def _path(to: State) -> list[State]:
    """Moves from QUEUED to a state."""
    paths = {State.QUEUED: []}
    for _ in State:
        for state, path in list(paths.items()):
            for following in MOVES[state]:
                paths.setdefault(following, [*path, following])
    return paths[to]


def test_of_many_moves_at_once_one_is_made(store):
    job = create(store)
    gate = threading.Barrier(6)

    def go(number):
        gate.wait()
        try:
            return store.move(job.id, State.QUEUED, State.CANCELLED if number % 2 else State.WAITING_FOR_RESOURCES)
        except errors.IllegalMove:
            return None

    with ThreadPoolExecutor(6) as pool:
        made = [result for result in pool.map(go, range(6)) if result]
    assert len(made) == 1
    assert store.get(job.id) == made[0]
    assert [event.sequence for event in store.events(job.id, 0)] == [1, 2]


def test_moves_leave_times_history_and_events(store):
    job = running(store)
    store.append(job.id, 1, told(1, {"phase": {"phase": "load"}}, {"phase": {"phase": "search"}}))
    job = store.get(job.id)
    assert (job.phase, job.end_time) == ("search", None)
    job = store.move(job.id, State.RUNNING, State.FAILED, FAULT)
    assert job == store.get(job.id)
    assert (job.phase, job.error, job.end_time) == ("", FAULT, job.update_time)
    assert job.start_time == job.attempts[0].start_time
    assert job.attempts[0].error == FAULT
    assert job.attempts[0].end_time == job.end_time
    assert [(phase.state.value, phase.phase) for phase in job.history] == [
        ("queued", ""),
        ("waiting_for_resources", ""),
        ("running", ""),
        ("running", "load"),
        ("running", "search"),
        ("failed", ""),
    ]
    assert all(a.end_time == b.start_time for a, b in zip(job.history, job.history[1:], strict=False))
    last = store.events(job.id, 0)[-1]
    assert (last.sequence, last.attempt) == (job.last_sequence, 1)
    assert last.event["state"] == {
        "from": "running",
        "to": "failed",
        "error": {"code": 13, "message": "the node was lost"},
        "error_kind": "system",
    }


def test_a_report_comes_with_success(store):
    job = running(store)
    report = {"test": {"metrics": {"x": math.inf, "text": "\0 \ud800"}}}
    assert store.move(job.id, State.RUNNING, State.SUCCEEDED, report=report).report == report
    assert store.get(job.id).report == report


def test_events_are_numbered_without_gaps_and_stored_once(store):
    job = running(store)
    first = told(1, {"phase": {"phase": "load"}}, {"log": {"level": "info", "text": "a", "logger": "x"}}, progress(0.5))
    store.append(job.id, 1, first)
    store.append(job.id, 1, [*first[1:], *told(4, progress(0.6))])
    stored = store.events(job.id, 3)
    assert [event.sequence for event in stored] == [4, 5, 6]
    assert [next(iter(event.event)) for event in stored] == ["phase", "progress", "progress"]
    assert stored[0].time == first[0].time
    job = store.get(job.id)
    assert (job.last_sequence, job.attempts[0].pulled, job.progress) == (6, 4, {"fraction": 0.6})
    assert [event.sequence for event in store.events(job.id, 1, limit=2)] == [2, 3]
    assert len(store.logs(job.id, LogQuery())) == 1


def test_a_later_attempt_goes_on_where_the_earlier_ended(store):
    job = running(store)
    store.append(job.id, 1, told(1, progress(0.5)))
    job = store.retry(job.id, 1, FAULT)
    assert [attempt.error for attempt in job.attempts] == [FAULT, None]
    assert store.append(job.id, 1, told(2, progress(0.9))).progress == {"fraction": 0.5}  # a fenced attempt is dropped
    store.append(job.id, 2, told(1, progress(0.2, fits_done=3)))
    last = store.events(job.id, 0)[-1]
    assert (last.attempt, last.event) == (2, progress(0.5, fits_done=3))  # progress never falls
    with pytest.raises(errors.IllegalMove):
        store.retry(job.id, 1, FAULT)


def test_a_job_that_has_ended_takes_nothing_more(store):
    job = running(store)
    job = store.move(job.id, State.RUNNING, State.SUCCEEDED)
    assert store.append(job.id, 1, told(1, progress(1.0))) == job
    assert store.events(job.id, job.last_sequence) == []


def test_trials_are_kept_in_their_latest_version_and_paged(store):
    job = running(store)
    trials = [{"number": n, "family": "ridge", "state": "running", "mean": math.nan} for n in range(5)]
    store.append(job.id, 1, told(1, *({"trial": trial} for trial in reversed(trials))))
    done = {"number": 2, "family": "ridge", "state": "completed", "fold_scores": [0.5, 0.7], "mean": 0.6}
    store.append(job.id, 1, told(6, {"trial": {**done, "state": "stopped"}}, {"trial": done}))
    pages, token = [], ""
    while True:
        page, token = store.trials(job.id, 2, token)
        pages.append([trial["number"] for trial in page])
        if not token:
            break
    assert pages == [[0, 1], [2, 3], [4]]
    assert store.trials(job.id)[0][2] == done
    with pytest.raises(errors.InvalidPageToken):
        store.trials(job.id, 2, store.datasets.list("a")[1] or "x")


def test_log_lines_are_found_by_what_is_asked(store):
    job, other = running(store), running(store)
    lines = [("debug", "fold 1"), ("info", "Fold 2%"), ("warning", "slow \0\ud800"), ("error", "fold 4")]
    events = told(1, *({"log": {"level": level, "text": text, "logger": "trainers.run"}} for level, text in lines))
    store.append(job.id, 1, events)
    store.append(other.id, 1, events[:1])
    store.retry(job.id, 1, FAULT)
    store.append(job.id, 2, told(1, {"log": {"level": "info", "text": "again", "logger": "tuning.search"}}))

    def found(**query):
        return [line.text for line in store.logs(job.id, LogQuery(**query))]

    assert found() == ["fold 1", "Fold 2%", "slow \ufffd?", "fold 4", "again"]
    assert found(min_level="warning") == ["slow \ufffd?", "fold 4"]
    assert found(contains="fold") == ["fold 1", "fold 4"]
    assert found(contains="%") == ["Fold 2%"]
    assert found(attempt=2) == ["again"]
    assert found(start_time=events[1].time, end_time=events[3].time) == ["Fold 2%", "slow \ufffd?"]
    first, second = store.logs(job.id, LogQuery(limit=2))
    assert (first.attempt, first.level, first.logger) == (1, "debug", "trainers.run")
    assert found(after=second.number, limit=1) == ["slow \ufffd?"]


def test_open_jobs_are_those_that_have_not_ended_in_order(store):
    jobs = [create(store) for _ in range(3)]
    done = running(store)
    store.move(done.id, State.RUNNING, State.SUCCEEDED)
    started = running(store)
    assert [job.id for job in store.open_jobs()] == [*(job.id for job in jobs), started.id]
    assert store.open_jobs()[0].spec == SPEC
    assert [store.backlog.standing(job).jobs_ahead for job in jobs] == [0, 1, 2]
    assert store.backlog.standing(started).jobs_ahead == 0


def test_pages_hold_every_job_once_in_order(store):
    made = [create(store).id for _ in range(7)]
    store.move(made[3], State.QUEUED, State.CANCELLED)

    def pages(**query):
        token, found = "", []
        while True:
            page, token = store.list_jobs(JobQuery(page_size=3, page_token=token, **query))
            found += [job.id for job in page]
            if not token:
                return found

    assert pages() == made[::-1]
    assert pages(order_by="create_time asc") == made
    assert pages(order_by="update_time desc")[0] == made[3]
    assert pages(filter="state = QUEUED", order_by="create_time") == made[:3] + made[4:]
    assert pages(tenant="other") == []


def test_a_token_belongs_to_its_list(store):
    for _ in range(3):
        create(store)
    token = store.list_jobs(JobQuery(page_size=1))[1]
    for query in (
        JobQuery(page_token=token, filter="state = QUEUED"),
        JobQuery(page_token=token, order_by="update_time desc"),
        JobQuery(page_token=token, tenant="other"),
        JobQuery(page_token=token[:-3]),
        JobQuery(page_token="[" * 100_000),
    ):
        with pytest.raises(errors.InvalidPageToken, match="leave it empty"):
            store.list_jobs(query)


def test_filters_find_by_state_label_and_time(store):
    a = create(store, labels={"team": 'the "A" team', "x/y.z": "1"})
    b = create(store, labels={"team": "b"})
    store.move(b.id, State.QUEUED, State.CANCELLED)

    def found(text):
        return {job.id for job in store.list_jobs(JobQuery(filter=text))[0]}

    assert found("") == {a.id, b.id}
    assert found("state = CANCELLED") == found("state=JOB_STATE_CANCELLED") == found('state = "cancelled"') == {b.id}
    assert (
        found(r'labels.team = "the \"A\" team"') == found('labels.x/y.z = "1"') == found('labels."x/y.z"=1') == {a.id}
    )
    assert found('labels.team = "b" AND state = CANCELLED') == {b.id}
    assert found('labels.team = "b" AND state = QUEUED') == set()
    assert found('labels.team = "nobody"') == set()
    assert found(f'create_time > "{a.create_time.isoformat()}"') == {b.id}
    assert found(f'create_time < "{b.create_time.isoformat().replace("+00:00", "Z")}"') == {a.id}
    assert found('create_time > "2999-01-01T00:00:00Z"') == set()


def test_deleting_leaves_nothing(store, url):
    job = create(store, request_id="r", labels={"team": "a"})
    with pytest.raises(errors.NotTerminal, match="QUEUED; wait"):
        store.delete(job.id)
    store.move(job.id, State.QUEUED, State.WAITING_FOR_RESOURCES)
    store.move(job.id, State.WAITING_FOR_RESOURCES, State.RUNNING)
    log = {"log": {"level": "info", "text": "a", "logger": "x"}}
    store.append(job.id, 1, told(1, log, {"trial": {"number": 0}}))
    store.move(job.id, State.RUNNING, State.SUCCEEDED)
    store.storage.record(job.id, 1)
    store.delete(job.id)
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        for table in ("jobs", "labels", "requests", "events", "logs", "trials", "sizes"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0, table
    engine.dispose()
    with pytest.raises(errors.JobNotFound):
        store.delete(job.id)
    assert store.last_sequence(job.id) == 0


def test_datasets_are_kept_by_digest(store):
    columns = (Column("a", "int64"), Column("b", "string"))
    kept = [store.datasets.add("t", digest, f"name of {digest}", 10, 2, columns) for digest in "abc"]
    assert store.datasets.add("t", "a", "another name", 10, 2, columns) == kept[0] == store.datasets.get("t", "a")
    page, token = store.datasets.list("t", 2)
    assert (page, store.datasets.list("t", 2, token)) == (kept[:0:-1], (kept[:1], ""))  # newest first
    assert store.datasets.delete("t", "b")
    for call in (store.datasets.get, store.datasets.delete):
        with pytest.raises(errors.DatasetNotFound, match="datasets/b"):
            call("t", "b")


def test_each_tenant_has_its_own_record_of_the_same_content(store):
    first, second = (store.datasets.add(tenant, "a", f"of {tenant}", 10, 2, ()) for tenant in ("t", "u"))
    assert (store.datasets.get("t", "a"), store.datasets.get("u", "a")) == (first, second)
    assert store.datasets.list("t") == ([first], "")
    assert store.datasets.delete("t", "a") is False, "the other tenant has it still"
    with pytest.raises(errors.DatasetNotFound):
        store.datasets.get("t", "a")
    assert store.datasets.delete("u", "a") is True


def test_what_is_stored_is_there_for_the_next_program(store, url):
    job = running(store)
    other = Store(url)
    assert other.get(job.id) == job
    assert [event.sequence for event in other.events(job.id, 0)] == [1, 2, 3]
    other.close()


def test_the_migrations_make_the_tables_that_the_code_knows(store, url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from service.jobs.tables import metadata

    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    engine.dispose()


def test_datasets_live_through_the_migrations_forward_and_back(url):
    writer, _ = open_database(url)
    migrate(writer, "0001")
    row = "INSERT INTO datasets VALUES ('{}', 'a name', 10, 2, '[]', {})"
    with writer.begin() as connection:
        connection.exec_driver_sql(row.format("a", 1))
        connection.exec_driver_sql(row.format("b", 2))
    migrate(writer)
    store = Store(url)
    assert [each.digest for each in store.datasets.list("default")[0]] == ["b", "a"]
    store.datasets.add("other", "a", "another name", 10, 2, ())
    store.close()
    migrate_back(writer, "0001")
    with writer.connect() as connection:
        found = connection.exec_driver_sql("SELECT digest, display_name FROM datasets ORDER BY digest").all()
    assert [tuple(each) for each in found] == [("a", "a name"), ("b", "a name")]
    writer.dispose()
