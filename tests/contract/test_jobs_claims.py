"""Who has which job, on SQLite and on a real PostgreSQL: leases, claims, quotas, the order of the queue."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.jobs import errors
from service.jobs.admission import Admission
from service.jobs.backlog import Backlog
from service.jobs.claims import Lease
from service.jobs.database import migrate, migrate_back, open_database
from service.jobs.quotas import Quota, Quotas
from service.jobs.records import JobRecord, NewJob, QueueLine, Use
from service.jobs.states import State
from service.jobs.store import Store
from trainers.errors import SpecError

FREE = Quota()
LONG, OVER = 60.0, -1.0  # seconds of a lease


def no_limit(tenant: str) -> Quota:
    return FREE


def create(store: Store, tenant: str = "t", cpus: int = 1, **values: Any) -> JobRecord:
    spec = {"compute": {"trial_cpus": cpus}, "search": {"parallelism": 1}}
    return store.create(NewJob(spec=spec, tenant=tenant, **values), "/jobs/x")[0]


def started(store: Store, replica: str = "", **values: Any) -> JobRecord:
    """A job that waits for the cluster; taken by a replica, where one is named."""
    job = create(store, **values)
    if replica:
        assert store.claims.claim(replica, no_limit) == job.id
    return store.move(job.id, State.QUEUED, State.WAITING_FOR_RESOURCES)


def join(store: Store, *replicas: str, lease_s: float = LONG) -> None:
    for replica in replicas:
        store.claims.join(replica, "host", 4, lease_s)


def owner(store: Store, job: JobRecord) -> str:
    return store.get(job.id).owner


def at_once(calls: Iterable[Callable[[], Any]]) -> list[Any]:
    calls = list(calls)
    gate = threading.Barrier(len(calls))

    def call(function: Callable[[], Any]) -> Any:
        gate.wait()
        return function()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(call, calls))


def test_each_job_is_claimed_by_one_replica_and_no_quota_is_exceeded(store: Store) -> None:
    replicas = [f"r{i}" for i in range(8)]
    join(store, *replicas)
    for i in range(30):
        create(store, tenant="ab"[i % 2], cpus=1 + i % 3)
    quotas = {"a": Quota(running_jobs=5), "b": Quota(cpus=12.0)}
    seen: list[dict[str, Use]] = []

    def claim_all(replica: str) -> list[str]:
        claimed = []
        while (job := store.claims.claim(replica, quotas.__getitem__)) is not None:
            claimed.append(job)
            seen.append(store.backlog.use())
        return claimed

    claimed = at_once([lambda replica=replica: claim_all(replica) for replica in replicas])
    jobs = [job for each in claimed for job in each]
    assert len(jobs) == len(set(jobs))
    assert all(store.get(job).owner == replica for replica, each in zip(replicas, claimed, strict=True) for job in each)
    for use in seen:
        assert use["a"].running_jobs <= 5
        assert use["b"].cpus <= 12
    use = store.backlog.use()
    assert use["a"].running_jobs == 5
    assert use["b"].cpus >= 10, "as many as fit"


def test_jobs_start_by_priority_then_by_turns_of_the_tenants_then_by_age(store: Store) -> None:
    join(store, "r")
    for tenant, priority in [("a", 0), ("a", 0), ("a", 0), ("b", 0), ("b", 1)]:
        create(store, tenant=tenant, priority=priority)
    order = []
    while (job := store.claims.claim("r", no_limit)) is not None:
        order.append(store.get(job).tenant)
        store.move(job, State.QUEUED, State.WAITING_FOR_RESOURCES)
        store.move(job, State.WAITING_FOR_RESOURCES, State.FAILED)
    assert order == ["b", "a", "b", "a", "a"]


def test_a_lease_is_renewed_after_a_third_of_it(store: Store) -> None:
    join(store, "r")
    (before,) = store.backlog.replicas()
    assert store.claims.keep("r", LONG) is Lease.HELD
    assert store.backlog.replicas() == [before]
    assert store.claims.keep("r", 10 * LONG) is Lease.HELD
    (after,) = store.backlog.replicas()
    assert after.lease_expire_time > before.lease_expire_time + timedelta(seconds=8 * LONG)
    assert store.claims.keep("nobody", LONG) is Lease.LOST


def test_jobs_of_a_replica_whose_lease_is_over_are_taken_over(store: Store) -> None:
    join(store, "dead", lease_s=OVER)
    join(store, "alive")
    theirs, claimed, mine = started(store, "dead"), create(store), started(store, "alive", tenant="u")
    assert store.claims.claim("dead", no_limit) == claimed.id
    assert store.claims.take_over("alive") == [theirs.id]
    assert [owner(store, job) for job in (theirs, mine)] == ["alive", "alive"]
    assert store.claims.keep("dead", LONG) is Lease.LOST
    assert store.claims.claim("alive", no_limit) == claimed.id, "what had not started is back in the queue"
    assert store.claims.take_over("alive") == []


def test_a_lease_that_nobody_has_ended_is_renewed_though_it_is_over(store: Store) -> None:
    join(store, "r", lease_s=OVER)
    job = started(store, "r")
    assert store.claims.keep("r", LONG) is Lease.HELD
    assert store.claims.take_over("other") == []
    assert owner(store, job) == "r"


def test_of_many_replicas_one_takes_a_job_over(store: Store) -> None:
    jobs = {started(store).id for _ in range(20)}
    join(store, *(f"r{i}" for i in range(8)))
    taken = at_once([lambda i=i: store.claims.take_over(f"r{i}") for i in range(8)])
    assert Counter(job for each in taken for job in each) == Counter(jobs)


def test_who_leaves_or_lets_go_frees_its_jobs_at_once(store: Store) -> None:
    join(store, "a", "b")
    first = started(store, "a")
    store.claims.leave("a")
    assert store.claims.take_over("b") == [first.id]
    store.claims.release("b")
    assert owner(store, first) == ""
    assert [each.id for each in store.backlog.replicas()] == ["b"]
    join(store, "a")
    second = started(store, "a")
    join(store, "a")
    assert owner(store, second) == "", "what an earlier life of the replica had is free"


def test_a_drained_replica_learns_of_it_until_it_is_undone_or_starts_again(store: Store) -> None:
    join(store, "r")
    started(store, "r")
    told = store.claims.drain("r", draining=True)
    assert (told.id, told.draining, told.running_jobs) == ("r", True, 1)
    assert store.claims.keep("r", LONG) is Lease.DRAINING
    store.claims.drain("r", draining=False)
    assert store.claims.keep("r", LONG) is Lease.HELD
    store.claims.drain("r", draining=True)
    join(store, "r")
    assert store.claims.keep("r", LONG) is Lease.HELD
    with pytest.raises(errors.ReplicaNotFound, match="replicas/nobody"):
        store.claims.drain("nobody", draining=True)


def test_a_job_that_no_replica_would_start_is_refused(store: Store) -> None:
    with pytest.raises(errors.Draining):
        Admission(store.backlog, store.storage, Quotas(), 9).check_room("t")
    join(store, "r")
    Admission(Backlog(store._reader), store.storage, Quotas(), 9).check_room("t")
    store.claims.drain("r", draining=True)
    with pytest.raises(errors.Draining):
        Admission(Backlog(store._reader), store.storage, Quotas(), 9).check_room("t")


def test_too_many_waiting_jobs_are_refused_and_counted_as_they_come(store: Store, tmp_path: Path) -> None:
    (tmp_path / "quotas.yaml").write_text("tenants: {t: {queued_jobs: 1, cpus: 4, highest_priority: 1}}")
    join(store, "r")
    admission = Admission(store.backlog, store.storage, Quotas(tmp_path / "quotas.yaml"), 3)
    admission.check_room("t")
    store.backlog.count(create(store))
    with pytest.raises(errors.QuotaExceeded, match="1 jobs of t wait, and at most 1 may") as refused:
        admission.check_room("t")
    assert (refused.value.subject, refused.value.passes) == ("tenants/t", True)
    admission.check_room("u")
    with pytest.raises(errors.QuotaExceeded, match="3 jobs wait"):
        admission.check_room("u", beside=Counter(u=2))
    for _ in range(2):
        store.backlog.count(create(store, tenant="u"))
    with pytest.raises(errors.QuotaExceeded, match="3 jobs wait"):
        admission.check_room("u")


def test_a_job_that_its_tenant_may_never_run_is_refused(store: Store, tmp_path: Path) -> None:
    (tmp_path / "quotas.yaml").write_text("tenants: {t: {cpus: 4, highest_priority: 1}}")
    admission = Admission(store.backlog, store.storage, Quotas(tmp_path / "quotas.yaml"), 3)
    with pytest.raises(errors.QuotaExceeded, match="asks for up to 8 CPUs, and jobs of t may hold 4") as refused:
        admission.check_job(NewJob(spec={}, tenant="t"))
    assert not refused.value.passes
    admission.check_job(NewJob(spec={"search": {"parallelism": 4}}, tenant="t"))
    with pytest.raises(SpecError, match="priority: is 2, but jobs of t may have at most 1"):
        admission.check_job(NewJob(spec={"search": {"parallelism": 4}}, tenant="t", priority=2))
    admission.check_job(NewJob(spec={}, tenant="u", priority=100))


def test_what_a_tenant_stores_is_datasets_and_jobs_that_have_ended(store: Store, tmp_path: Path) -> None:
    (tmp_path / "quotas.yaml").write_text("tenants: {t: {stored_bytes: 100}}")
    admission = Admission(store.backlog, store.storage, Quotas(tmp_path / "quotas.yaml"), 3)
    store.datasets.add("t", "d", "", 40, 2, ())
    job, runs, others = create(store), started(store), create(store, tenant="u")
    for each in (job, others):
        store.move(each.id, State.QUEUED, State.CANCELLED)
    assert sorted(store.storage.unmeasured()) == sorted([(job.id, "/jobs/x"), (others.id, "/jobs/x")])
    at_once(lambda: store.storage.record(job.id, 59) for _ in range(8))
    store.storage.record(others.id, 5 << 40)
    store.storage.record("gone", 1)
    assert store.storage.unmeasured() == []
    assert (store.storage.of("t"), store.storage.of("t", but="d"), store.storage.of("u")) == (99, 59, 5 << 40)
    assert {tenant: use.stored_bytes for tenant, use in store.backlog.use().items()} == {"t": 99, "u": 5 << 40}
    admission.check_job(NewJob(spec={}, tenant="t"))
    store.datasets.add("t", "e", "", 1, 2, ())
    with pytest.raises(errors.QuotaExceeded, match="hold 100 bytes of the 100 that they may") as refused:
        admission.check_job(NewJob(spec={}, tenant="t"))
    assert not refused.value.passes
    store.storage.forget(job.id)
    assert store.storage.unmeasured() == [(job.id, "/jobs/x")]
    store.storage.record(job.id, 2)
    assert store.storage.of("t") == 43
    store.delete(job.id)
    assert store.storage.of("t") == 41
    admission.check_job(NewJob(spec={}, tenant="t"))
    assert runs.id not in dict(store.storage.unmeasured())


def test_jobs_that_have_waited_too_long_are_found(store: Store) -> None:
    late, taken = create(store, queue_timeout_s=1e-6), create(store, queue_timeout_s=1e-6, tenant="u")
    create(store, queue_timeout_s=60)
    create(store)
    join(store, "r")
    while store.claims.claim("r", no_limit) != taken.id:
        pass
    store.claims.leave("r")
    assert store.claims.overdue() == [late.id, taken.id]


def test_jobs_ahead_count_priority_own_jobs_and_turns_of_others(store: Store) -> None:
    create(store, tenant="a", priority=1)
    mine = [create(store, tenant="b") for _ in range(3)]
    for _ in range(5):
        create(store, tenant="c")
    create(store, tenant="c", priority=-1)
    store.move(create(store, tenant="b").id, State.QUEUED, State.CANCELLED)
    ahead = [store.backlog.standing(job) for job in mine]
    assert [each.jobs_ahead for each in ahead] == [1, 1 + 1 + 1, 1 + 2 + 2]
    store.backlog.count(later := create(store, tenant="b"))
    store.backlog.count(later)
    ahead = [store.backlog.standing(job) for job in (later, create(store, tenant="b"))]
    assert [each.jobs_ahead for each in ahead] == [1 + 3 + 3, 1 + 4 + 4], "it counts at once, and once"
    assert {each.estimated_start_time for each in ahead} == {None}, "no job has run yet"
    store.move(mine[0].id, State.QUEUED, State.WAITING_FOR_RESOURCES)
    assert store.backlog.standing(later).jobs_ahead == 1 + 2 + 2, "what has started does not wait for the next look"


def test_a_start_is_estimated_once_jobs_have_run(store: Store) -> None:
    join(store, "r")
    done = started(store, "r")
    store.move(done.id, State.WAITING_FOR_RESOURCES, State.RUNNING)
    store.move(done.id, State.RUNNING, State.SUCCEEDED)
    estimate = store.backlog.standing(create(store)).estimated_start_time
    assert estimate is not None
    assert timedelta(0) < estimate - done.create_time < timedelta(minutes=1)


def test_operators_see_lines_and_what_tenants_hold(store: Store) -> None:
    join(store, "r")
    started(store, "r", tenant="a", cpus=3)
    waits = [create(store, tenant="a", cpus=2), create(store, tenant="a", priority=2)]
    store.datasets.add("b", "d", "", 10, 2, ())
    assert store.backlog.lines() == [
        QueueLine("a", 2, 1, 0, waits[1].create_time),
        QueueLine("a", 0, 1, 1, waits[0].create_time),
    ]
    assert store.backlog.use() == {"a": Use(1, 2, 3.0, 0.0, 0), "b": Use(stored_bytes=10)}


@pytest.mark.parametrize("revision", ["0001", "0002"])
def test_open_jobs_of_every_released_schema_go_on(url: str, revision: str) -> None:
    writer, _ = open_database(url)
    migrate(writer, revision)
    states = [State.QUEUED, State.WAITING_FOR_RESOURCES, State.RUNNING, State.CANCELLING, State.SUCCEEDED]
    with writer.begin() as connection:
        for i, state in enumerate(states):
            connection.exec_driver_sql(_row_of_before(i, state))
    store = Store(url)
    assert [(job.id, job.state) for job in store.open_jobs()] == [
        (f"j{i}", state) for i, state in enumerate(states[:4])
    ]
    join(store, "r")
    assert store.claims.take_over("r") == ["j1", "j2", "j3"]
    assert store.claims.claim("r", no_limit) == "j0"
    job = store.move("j2", State.RUNNING, State.SUCCEEDED, report={"a": 1})
    assert (job.priority, job.cpus, job.attempts[0].pulled, job.last_sequence) == (0, 1.0, 7, 4)
    store.close()
    migrate_back(writer, revision)
    with writer.connect() as connection:
        found = connection.exec_driver_sql("SELECT id, state FROM jobs ORDER BY id").all()
    assert [tuple(each) for each in found] == [
        ("j0", "queued"), ("j1", "waiting_for_resources"), ("j2", "succeeded"), ("j3", "cancelling"), ("j4", "succeeded")
    ]  # fmt: skip
    writer.dispose()


def _row_of_before(number: int, state: State) -> str:
    """A job as the versions before replicas stored it."""
    start = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    micros = round(start.timestamp() * 1e6)
    attempt = {"number": 1, "start_time": start.isoformat(), "end_time": None, "error": None, "pulled": 7}
    phase = {"state": state.value, "phase": "", "start_time": start.isoformat(), "end_time": None}
    attempts = "[]" if state is State.QUEUED else json.dumps([attempt])
    started_at = "NULL" if state is State.QUEUED else str(micros)
    ended_at = str(micros) if state is State.SUCCEEDED else "NULL"
    return f"""
        INSERT INTO jobs (id, tenant, state, phase, labels, request_id, request_digest, rerun_of, create_time, update_time,
            start_time, end_time, error, progress, attempts, queue_timeout_s, run_deadline_s, last_sequence, output, spec,
            history, report)
        VALUES ('j{number}', 'default', '{state.value}', '', '{{}}', '', '', '', {micros}, {micros},
            {started_at}, {ended_at}, NULL, '{{}}', '{attempts}', NULL, NULL, 3, '/jobs/x', '{{}}',
            '{json.dumps([phase])}', NULL)
    """
