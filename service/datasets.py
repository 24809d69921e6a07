"""Keeps uploaded tables as Parquet files named by the SHA-256 of their bytes. Nothing half-written is ever visible."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.parquet as pq

from cluster.faults import Fault, fault_of
from service.jobs.admission import check_stored
from service.jobs.errors import DatasetInUse, DatasetNotFound, DiskFull
from service.jobs.quotas import Quotas
from service.jobs.records import Column, Dataset
from service.jobs.store import Store
from trainers.errors import SpecError, Violation

PREFIX = "datasets/"
_NAME = re.compile(PREFIX + "[0-9a-f]{64}")
_SUFFIX, _UNFINISHED = ".parquet", ".part"
_NO_LIMITS = Quotas()


class Datasets:
    """The uploaded tables of one service.

    Args:
        folder: Where the files lie; made on first use. What a killed upload leaves, the reaper removes.
        store: Where they are recorded.
        max_bytes: Largest upload.
        quotas: What tenants may hold.
    """

    def __init__(self, folder: Path, store: Store, max_bytes: int, quotas: Quotas = _NO_LIMITS) -> None:
        self._folder, self._store, self._max_bytes, self._quotas = folder, store, max_bytes, quotas
        folder.mkdir(parents=True, exist_ok=True)

    def check_room(self, tenant: str, size: int, digest: str) -> None:
        """Passes when a tenant may store ``size`` bytes more; content that it has already is stored once.

        Raises:
            QuotaExceeded: It may not.
        """
        most = self._quotas.of(tenant).stored_bytes
        if most is not None:
            check_stored(tenant, self._store.storage.of(tenant, but=digest), size, most)

    @contextmanager
    def receive(self, size: int, digest: str) -> Iterator["Upload"]:
        """Provides a place for a file of ``size`` bytes; what was not kept is gone afterwards.

        Raises:
            SpecError: The size is over the limit.
            DiskFull: There is no room for it.
        """
        if size > self._max_bytes:
            raise _wrong(
                "metadata.size_bytes",
                f"is {size}, but uploads may have at most {self._max_bytes} bytes; drop columns, or give data.uri a location",
            )
        with _room(), tempfile.NamedTemporaryFile(dir=self._folder, suffix=_UNFINISHED, delete=False) as file:
            try:
                yield Upload(file, size, digest)
            finally:
                Path(file.name).unlink(missing_ok=True)

    def keep(self, tenant: str, upload: "Upload", display_name: str) -> Dataset:
        """Checks what was received, moves it to its place and records it; content already there stays as it is.

        Raises:
            SpecError: Size, digest or content is not as declared.
            QuotaExceeded: The tenant may not store it any more.
        """
        self.check_room(tenant, upload.size, upload.digest)
        rows, columns = upload.check()
        os.replace(upload.path, self.path(upload.digest))
        return self._store.datasets.add(
            tenant,
            digest=upload.digest,
            display_name=display_name or upload.digest,
            size_bytes=upload.size,
            rows=rows,
            columns=columns,
        )

    def get(self, tenant: str, digest: str) -> Dataset:
        """Returns a dataset of a tenant; raises DatasetNotFound."""
        return self._store.datasets.get(tenant, digest)

    def list(self, tenant: str, page_size: int, page_token: str) -> tuple[list[Dataset], str]:
        """Returns a page of a tenant's, newest first, and the token of the next one; raises InvalidPageToken."""
        return self._store.datasets.list(tenant, page_size, page_token)

    def check_owner(self, tenant: str, uri: str) -> None:
        """Refuses ``datasets/{digest}`` that the tenant has not uploaded; any other location passes.

        Raises:
            SpecError: It has not.
        """
        if _NAME.fullmatch(uri):
            try:
                self.get(tenant, uri.removeprefix(PREFIX))
            except DatasetNotFound:
                raise _wrong("data.uri", f"is {uri!r}, and there is no such dataset; upload the table first") from None

    def path(self, digest: str) -> Path:
        """Where the file of a digest lies."""
        return self._folder / f"{digest}{_SUFFIX}"

    def locate(self, uri: str) -> str:
        """Where ``datasets/{digest}`` lies; of any other location the full path or URI."""
        if _NAME.fullmatch(uri):
            return str(self.path(uri.removeprefix(PREFIX)))
        return uri if "://" in uri or "::" in uri else str(Path(uri).absolute())

    def delete(self, tenant: str, digest: str) -> None:
        """Deletes a dataset that no open job of the tenant reads; the file goes with the last tenant's record of it.

        Raises:
            DatasetNotFound: The tenant has none.
            DatasetInUse: An open job reads it.
        """
        self.get(tenant, digest)
        for job in self._store.open_jobs():
            if job.tenant == tenant and job.spec["data"]["uri"] == PREFIX + digest:
                raise DatasetInUse(digest, job.id)
        if self._store.datasets.delete(tenant, digest):
            self.path(digest).unlink(missing_ok=True)


class Upload:
    """A file that is being received.

    Attributes:
        path: Where the bytes go.
        size: Bytes declared.
        digest: SHA-256 declared, in hexadecimal.
    """

    def __init__(self, file: IO[bytes], size: int, digest: str) -> None:
        self.path, self.size, self.digest = Path(file.name), size, digest
        self._file, self._hash, self._received = file, hashlib.sha256(), 0

    def write(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            SpecError: There are more than were declared.
        """
        self._received += len(chunk)
        if self._received > self.size:
            raise _wrong("metadata.size_bytes", f"is {self.size}, but more bytes came; declare the size of the file")
        self._hash.update(chunk)
        self._file.write(chunk)

    def check(self) -> tuple[int, tuple[Column, ...]]:
        """Checks size, digest and every page of the table; returns its rows and columns.

        Raises:
            SpecError: Something is not as declared, or the bytes are no whole Parquet file.
        """
        if self._received < self.size:
            raise _wrong(
                "metadata.size_bytes", f"is {self.size}, but only {self._received} bytes came; upload it again"
            )
        if self._hash.hexdigest() != self.digest:
            raise _wrong(
                "metadata.sha256", f"is {self.digest}, but the bytes have {self._hash.hexdigest()}; upload again"
            )
        self._file.flush()
        os.fsync(self._file.fileno())
        try:
            with pq.ParquetFile(self.path) as table:
                rows = sum(
                    batch.num_rows for batch in table.iter_batches()
                )  # the footer alone would not show a torn page
                return rows, tuple(Column(field.name, str(field.type)) for field in table.schema_arrow)
        except (pa.ArrowException, OSError) as error:
            raise _wrong(
                "chunk", f"is no whole Parquet file ({error}); write the table again and upload that"
            ) from None


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if fault_of(error) is Fault.DISK_FULL:
            raise DiskFull(str(error)) from error
        raise


def _wrong(field: str, message: str) -> SpecError:
    return SpecError([Violation(field, message)])
