"""Finds what has been kept long enough, and forgets the details of old jobs."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Column, Engine, Text, delete, exists, or_, select, type_coerce

from service.jobs import tables
from service.jobs.states import TERMINAL

_BATCH = 200


class Aging:
    """Questions of the retention to the jobs database. Each method is one transaction.

    Args:
        writer: For transactions that write.
        reader: For single statements that read.
    """

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def jobs_ended_before(self, time: datetime) -> list[tuple[str, str]]:
        """Returns tenant and id of jobs that ended before a time, oldest first, a batch of them."""
        jobs = tables.jobs.c
        statement = select(jobs.tenant, jobs.id).where(jobs.state.in_(TERMINAL), jobs.end_time < time)
        with self._reader.connect() as connection:
            found = connection.execute(statement.order_by(jobs.end_time).limit(_BATCH))
            return [(tenant, job) for tenant, job in found]

    def forget_details(self, time: datetime) -> list[tuple[str, str]]:
        """Deletes events, logs and trials of jobs that ended before a time, a batch; returns their ids and folders.

        The jobs stay, with spec, attempts, history and report.
        """
        jobs = tables.jobs.c
        details = (tables.events, tables.logs, tables.trials)
        has_some = or_(*(exists().where(table.c.job == jobs.id) for table in details))
        old = select(jobs.id, jobs.output).where(jobs.state.in_(TERMINAL), jobs.end_time < time, has_some).limit(_BATCH)
        with self._writer.begin() as connection:
            found = connection.execute(old).all()
            for table in details:
                connection.execute(delete(table).where(table.c.job.in_([row.id for row in found])))
        return [(row.id, row.output) for row in found]

    def datasets_unused_since(self, time: datetime) -> list[tuple[str, str]]:
        """Returns tenant and digest of datasets that were uploaded before a time and that no job of the tenant names."""
        datasets, jobs = tables.datasets.c, tables.jobs.c
        names_it = type_coerce(jobs.spec, Text).contains("datasets/" + datasets.digest)
        used = exists().where(jobs.tenant == datasets.tenant, names_it)
        statement = select(datasets.tenant, datasets.digest).where(datasets.create_time < time, ~used).limit(_BATCH)
        with self._reader.connect() as connection:
            return [(tenant, digest) for tenant, digest in connection.execute(statement)]

    def known_jobs(self, ids: Iterable[str]) -> set[str]:
        """Returns those of some ids that are jobs'."""
        return self._known(tables.jobs.c.id, ids)

    def known_datasets(self, digests: Iterable[str]) -> set[str]:
        """Returns those of some digests that any tenant has a dataset of."""
        return self._known(tables.datasets.c.digest, digests)

    def _known(self, column: Column[str], values: Iterable[str]) -> set[str]:
        wanted, found = list(values), set[str]()
        with self._reader.connect() as connection:
            for start in range(0, len(wanted), _BATCH):
                statement = select(column).where(column.in_(wanted[start : start + _BATCH]))
                found.update(connection.scalars(statement))
        return found
