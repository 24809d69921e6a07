"""Uploads are kept whole and verified, or not at all."""

import hashlib
import io
import threading
from collections.abc import Iterator
from typing import Any

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from trainwright.v1 import dataset_service_pb2 as pb
from trainwright.v1 import training_service_pb2 as training_pb

LIMIT = 3_000_000


def parquet(seed: int, rows: int = 200) -> bytes:
    """A small table; the seed makes its content, and so its name, its own."""
    file = io.BytesIO()
    values = [(i * 31 + seed) % 17 for i in range(rows)]
    pq.write_table(
        pa.table(
            {"size": values, "bad": [int((v > 8) != (i % 5 == 0)) for i, v in enumerate(values)], "seed": [seed] * rows}
        ),
        file,
    )
    return file.getvalue()


def parts(data: bytes, chunk: int = 1000, **metadata: Any) -> Iterator[pb.UploadDatasetRequest]:
    declared = {"display_name": "parts", "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} | metadata
    yield pb.UploadDatasetRequest(metadata=pb.UploadMetadata(**declared))
    for start in range(0, len(data), chunk):
        yield pb.UploadDatasetRequest(chunk=data[start : start + chunk])


def files(service) -> set[str]:
    return {path.name for path in (service.state / "datasets").iterdir()}


def names(service) -> list[str]:
    return [each.name for each in service.datasets.ListDatasets(pb.ListDatasetsRequest(page_size=1000)).datasets]


def test_an_upload_is_found_again(service) -> None:
    data = parquet(1)
    kept = service.datasets.UploadDataset(parts(data)).dataset
    assert kept.name == "datasets/" + hashlib.sha256(data).hexdigest()
    assert (kept.display_name, kept.size_bytes, kept.rows) == ("parts", len(data), 200)
    assert [(column.name, column.type) for column in kept.columns] == [(n, "int64") for n in ("size", "bad", "seed")]
    assert service.datasets.GetDataset(pb.GetDatasetRequest(name=kept.name)).dataset == kept
    assert (service.state / "datasets" / f"{hashlib.sha256(data).hexdigest()}.parquet").read_bytes() == data


def test_the_same_content_is_the_same_dataset(service) -> None:
    first = service.datasets.UploadDataset(parts(parquet(2))).dataset
    before = files(service)
    again = service.datasets.UploadDataset(parts(parquet(2), chunk=77, display_name="another")).dataset
    assert again == first
    assert files(service) == before


def test_the_name_defaults_to_the_digest(service) -> None:
    kept = service.datasets.UploadDataset(parts(parquet(3), display_name="")).dataset
    assert kept.display_name == kept.name.removeprefix("datasets/")


DATA = parquet(99)
WRONG = {
    "3 GB, over the limit": (parts(b"", size_bytes=3 * 10**9, sha256="0" * 64), "metadata.size_bytes", "3000000000"),
    "one byte over the limit": (parts(b"", size_bytes=LIMIT + 1, sha256="0" * 64), "metadata.size_bytes", str(LIMIT)),
    "more bytes than declared": (parts(DATA, size_bytes=len(DATA) - 1), "metadata.size_bytes", "more bytes"),
    "fewer bytes than declared": (parts(DATA, size_bytes=len(DATA) + 1), "metadata.size_bytes", f"only {len(DATA)}"),
    "truncated Parquet": (parts(DATA[:-50]), "chunk", "Parquet"),
    "a torn page": (parts(DATA[:100] + bytes(40) + DATA[140:]), "chunk", "Parquet"),
    "no Parquet": (parts(b"size,bad\n1,0\n"), "chunk", "Parquet"),
    "wrong digest": (parts(DATA, sha256="0" * 64), "metadata.sha256", hashlib.sha256(DATA).hexdigest()),
    "malformed digest": (parts(DATA, sha256="../x"), "metadata.sha256", "'../x'"),
    "no digest": (parts(DATA, sha256=""), "metadata.sha256", "required"),
    "nothing declared": (parts(b"", size_bytes=0, sha256="0" * 64), "metadata.size_bytes", "required"),
    "nothing sent": (iter(()), "metadata", "required"),
    "bytes before metadata": (iter([pb.UploadDatasetRequest(chunk=b"x")]), "metadata", "first"),
    "metadata twice": (iter([*parts(DATA, chunk=len(DATA))][:1] * 2), "chunk", "after the first"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_upload_is_a_violation_and_leaves_nothing(service, violations, name: str) -> None:
    stream, field, words = WRONG[name]
    before = (files(service), names(service))
    with pytest.raises(grpc.RpcError) as caught:
        service.datasets.UploadDataset(stream)
    assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    found = violations(caught.value)
    assert words in found[field], found
    assert (files(service), names(service)) == before


def test_an_upload_over_the_limit_is_refused_before_its_bytes_are_read(service, violations) -> None:
    sent = []

    def endless() -> Iterator[pb.UploadDatasetRequest]:
        yield from parts(b"", size_bytes=3 * 10**9, sha256="0" * 64)
        while True:
            sent.append(1)
            yield pb.UploadDatasetRequest(chunk=bytes(1 << 20))

    with pytest.raises(grpc.RpcError) as caught:
        service.datasets.UploadDataset(endless())
    assert "metadata.size_bytes" in violations(caught.value)
    assert len(sent) < 100


def test_a_stream_that_is_given_up_leaves_nothing(service, until) -> None:
    before, received = files(service), threading.Event()

    def stuck() -> Iterator[pb.UploadDatasetRequest]:
        yield from list(parts(parquet(4)))[:2]
        received.wait(10)

    call = service.datasets.UploadDataset.future(stuck())
    until(lambda: files(service) != before)
    call.cancel()
    received.set()
    until(lambda: files(service) == before)


def test_a_list_is_paged_newest_first_and_without_columns(service) -> None:
    uploaded = [service.datasets.UploadDataset(parts(parquet(seed))).dataset.name for seed in (5, 6, 7)]
    first = service.datasets.ListDatasets(pb.ListDatasetsRequest(page_size=2))
    assert [each.name for each in first.datasets] == uploaded[:0:-1]
    assert not first.datasets[0].columns
    rest = service.datasets.ListDatasets(pb.ListDatasetsRequest(page_size=2, page_token=first.next_page_token))
    assert rest.datasets[0].name == uploaded[0]


def test_a_deleted_dataset_is_gone_and_may_come_back(service) -> None:
    kept = service.datasets.UploadDataset(parts(parquet(8))).dataset
    service.datasets.DeleteDataset(pb.DeleteDatasetRequest(name=kept.name))
    assert kept.name.removeprefix("datasets/") + ".parquet" not in files(service)
    for call in (service.datasets.GetDataset, service.datasets.DeleteDataset):
        request = pb.GetDatasetRequest if call is service.datasets.GetDataset else pb.DeleteDatasetRequest
        with pytest.raises(grpc.RpcError) as caught:
            call(request(name=kept.name))
        assert caught.value.code() is grpc.StatusCode.NOT_FOUND
    service.datasets.DeleteDataset(pb.DeleteDatasetRequest(name=kept.name, allow_missing=True))
    assert service.datasets.UploadDataset(parts(parquet(8))).dataset.name == kept.name


def test_a_dataset_that_an_open_job_reads_is_kept(service) -> None:
    kept = service.datasets.UploadDataset(parts(parquet(9))).dataset
    spec = {
        "decision": "d",
        "data": {"uri": kept.name, "target": "bad", "exclude": ["seed"]},
        "candidates": [{"family": "random_forest"}],
        "search": {"max_trials": 500, "racing": False},
    }
    job = service.create(spec).job
    with pytest.raises(grpc.RpcError) as caught:
        service.datasets.DeleteDataset(pb.DeleteDatasetRequest(name=kept.name))
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert job.name in caught.value.details()
    service.training.CancelTrainingJob(training_pb.CancelTrainingJobRequest(name=job.name))
    list(service.training.WatchTrainingJob(training_pb.WatchTrainingJobRequest(name=job.name)))
    service.datasets.DeleteDataset(pb.DeleteDatasetRequest(name=kept.name))
