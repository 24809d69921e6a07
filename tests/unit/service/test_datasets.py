import hashlib
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from service.datasets import Datasets
from service.jobs.errors import DatasetInUse, DatasetNotFound, QuotaExceeded
from service.jobs.quotas import Quotas
from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from trainers.errors import SpecError


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"sqlite:///{tmp_path}/jobs.db")


@pytest.fixture
def datasets(tmp_path: Path, store: Store) -> Datasets:
    return Datasets(tmp_path / "datasets", store, 10_000)


@pytest.fixture
def data(tmp_path: Path) -> bytes:
    pq.write_table(pa.table({"a": [1, 2, 3]}), tmp_path / "a.parquet")
    return (tmp_path / "a.parquet").read_bytes()


def upload(datasets: Datasets, data: bytes) -> str:
    with datasets.receive(len(data), hashlib.sha256(data).hexdigest()) as received:
        received.write(data)
        return datasets.keep("t", received, "").digest


def test_a_failure_while_receiving_leaves_nothing(tmp_path: Path, datasets: Datasets) -> None:
    received = datasets.receive(10, "0" * 64)
    received.__enter__().write(b"half")
    assert [path.suffix for path in (tmp_path / "datasets").iterdir()] == [".part"]
    received.__exit__(None, None, None)
    assert list((tmp_path / "datasets").iterdir()) == []


def test_content_that_is_there_already_stays(datasets: Datasets, data: bytes) -> None:
    digest = upload(datasets, data)
    assert upload(datasets, data) == digest
    assert datasets.path(digest).read_bytes() == data
    assert datasets.get("t", digest).rows == 3


def test_what_a_tenant_has_no_room_for_is_refused(tmp_path: Path, store: Store, data: bytes) -> None:
    (tmp_path / "quotas.yaml").write_text(f"default: {{stored_bytes: {len(data) + 5}}}")
    datasets = Datasets(tmp_path / "datasets", store, 10_000, Quotas(tmp_path / "quotas.yaml"))
    job, _ = store.create(NewJob(spec={}, tenant="t"), "out")
    store.move(job.id, State.QUEUED, State.CANCELLED)
    store.storage.record(job.id, 5)
    assert upload(datasets, data) == upload(datasets, data), "the same content is stored once"
    with pytest.raises(QuotaExceeded, match="leaves no room"):
        datasets.check_room("t", 1, "another")
    store.delete(job.id)
    datasets.check_room("t", 1, "another")


def test_bytes_beyond_what_was_declared_are_not_written(datasets: Datasets) -> None:
    with pytest.raises(SpecError, match="more bytes came"), datasets.receive(3, "0" * 64) as received:
        received.write(b"four")


def test_names_and_paths_become_full_locations(
    tmp_path: Path, datasets: Datasets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    digest = "a" * 64
    assert datasets.locate(f"datasets/{digest}") == str(tmp_path / "datasets" / f"{digest}.parquet")
    assert datasets.locate("datasets/mine.csv") == str(tmp_path / "datasets/mine.csv")
    assert datasets.locate("s3://bucket/x.csv") == "s3://bucket/x.csv"


def test_a_dataset_is_deleted_only_when_no_open_job_reads_it(datasets: Datasets, store: Store, data: bytes) -> None:
    digest = upload(datasets, data)
    store.create(NewJob(spec={"data": {"uri": f"datasets/{digest}"}}, id="x", tenant="t"), "out")
    with pytest.raises(DatasetInUse, match="trainingJobs/x"):
        datasets.delete("t", digest)
    assert datasets.path(digest).exists()
    store.move("x", State.QUEUED, State.CANCELLED)
    datasets.delete("t", digest)
    assert not datasets.path(digest).exists()
    with pytest.raises(DatasetNotFound):
        datasets.delete("t", digest)
