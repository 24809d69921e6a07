"""Remembers uploaded tables. Content is shared by its digest; each tenant that has uploaded it has its own record of it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, Select, delete, func, insert, select

from service.jobs import tables
from service.jobs.errors import DatasetNotFound
from service.jobs.queries import dataset_page, dataset_token
from service.jobs.records import Column, Dataset
from service.jobs.rows import dataset_record, dataset_row


class Catalog:
    """The datasets of the jobs database. Each method is one transaction.

    Args:
        writer: For transactions that write.
        reader: For single statements that read.
    """

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer, self._reader = writer, reader

    def add(
        self, tenant: str, digest: str, display_name: str, size_bytes: int, rows: int, columns: tuple[Column, ...]
    ) -> Dataset:
        """Stores a dataset; one with this digest that the tenant has already stays as it is, and is returned."""
        new = Dataset(tenant, digest, display_name, size_bytes, rows, columns, datetime.now(UTC))
        with self._writer.begin() as connection:
            found = connection.execute(_one(tenant, digest)).mappings().one_or_none()
            if found is not None:
                return dataset_record(found)
            connection.execute(insert(tables.datasets).values(dataset_row(new)))
            return new

    def get(self, tenant: str, digest: str) -> Dataset:
        """Returns a dataset.

        Raises:
            DatasetNotFound: The tenant has none.
        """
        with self._reader.connect() as connection:
            found = connection.execute(_one(tenant, digest)).mappings().one_or_none()
        if found is None:
            raise DatasetNotFound(digest)
        return dataset_record(found)

    def list(self, tenant: str, page_size: int = 50, page_token: str = "") -> tuple[list[Dataset], str]:
        """Returns a page of a tenant's datasets, newest first, and the token of the next one.

        Raises:
            InvalidPageToken: The token is of another list.
        """
        statement = dataset_page(tenant, select(tables.datasets), page_size, page_token)
        with self._reader.connect() as connection:
            rows = connection.execute(statement).mappings().all()
        page = [dataset_record(row) for row in rows[:page_size]]
        return page, dataset_token(page[-1]) if len(rows) > page_size else ""

    def delete(self, tenant: str, digest: str) -> bool:
        """Forgets a dataset of a tenant.

        Returns:
            Whether no tenant has it any more.

        Raises:
            DatasetNotFound: The tenant has none.
        """
        datasets = tables.datasets.c
        with self._writer.begin() as connection:
            gone = connection.execute(
                delete(tables.datasets).where(datasets.tenant == tenant, datasets.digest == digest)
            )
            if gone.rowcount == 0:
                raise DatasetNotFound(digest)
            return not connection.scalar(select(func.count()).where(datasets.digest == digest))


def _one(tenant: str, digest: str) -> Select[Any]:
    datasets = tables.datasets.c
    return select(tables.datasets).where(datasets.tenant == tenant, datasets.digest == digest)
