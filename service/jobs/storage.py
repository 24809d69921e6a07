"""What tenants keep on disk: their datasets, and the files of their jobs that have ended.

Files are measured once a job has ended, not when somebody asks: a sum over rows is all that a call costs.
"""

from collections import Counter
from contextlib import suppress

from sqlalchemy import BigInteger, Connection, Engine, delete, exists, func, insert, literal, select
from sqlalchemy.exc import IntegrityError

from service.jobs import tables
from service.jobs.states import TERMINAL

_BATCH = 200
datasets, jobs, sizes = tables.datasets.c, tables.jobs.c, tables.sizes.c


class Storage:
    """Bytes in the jobs database. Each method is one transaction.

    Args:
        writer: For transactions that write.
        reader: For single statements that read.
    """

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def of(self, tenant: str, but: str = "") -> int:
        """Returns the bytes that a tenant keeps, the dataset of one digest left out."""
        datasets_of = select(func.sum(datasets.size_bytes)).where(datasets.tenant == tenant, datasets.digest != but)
        files_of = select(func.sum(sizes.size_bytes)).where(sizes.tenant == tenant)
        with self._reader.connect() as connection:
            return sum(int(connection.scalar(each) or 0) for each in (datasets_of, files_of))

    def unmeasured(self) -> list[tuple[str, str]]:
        """Returns id and folder of jobs that have ended and whose files have not been measured, a batch of them."""
        statement = select(jobs.id, jobs.output).where(jobs.state.in_(TERMINAL), ~exists().where(sizes.job == jobs.id))
        with self._reader.connect() as connection:
            return [(job, output) for job, output in connection.execute(statement.limit(_BATCH))]

    def record(self, job: str, size_bytes: int) -> None:
        """Stores the size of a job's files, unless it is stored already or the job is gone."""
        told = select(jobs.id, jobs.tenant, literal(size_bytes, BigInteger)).where(jobs.id == job)
        with suppress(IntegrityError), self._writer.begin() as connection:
            connection.execute(insert(tables.sizes).from_select(["job", "tenant", "size_bytes"], told))

    def forget(self, job: str) -> None:
        """Has a job's files measured again: some were removed."""
        with self._writer.begin() as connection:
            connection.execute(delete(tables.sizes).where(sizes.job == job))


def kept_by_tenant(connection: Connection) -> Counter[str]:
    """The bytes that each tenant keeps."""
    kept: Counter[str] = Counter()
    for each in (datasets, sizes):
        found = connection.execute(select(each.tenant, func.sum(each.size_bytes)).group_by(each.tenant))
        kept.update({tenant: int(size) for tenant, size in found})
    return kept
