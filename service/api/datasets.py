"""DatasetService: about five lines a call."""
# ruff: noqa: N802 (the names of calls are the contract's)

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace

import grpc.aio

from service.api import requests
from service.api.bridge import read
from service.api.resources import dataset_message
from service.datasets import Datasets
from service.doors.callers import current
from service.jobs.errors import DatasetNotFound
from trainers.errors import SpecError, Violation
from trainwright.v1 import dataset_service_pb2 as pb
from trainwright.v1.dataset_service_pb2_grpc import DatasetServiceServicer


class DatasetServicer(DatasetServiceServicer):
    """Answers from the uploaded tables."""

    def __init__(self, datasets: Datasets) -> None:
        self._datasets = datasets

    async def UploadDataset(
        self, parts: AsyncIterator[pb.UploadDatasetRequest], context: grpc.aio.ServicerContext
    ) -> pb.UploadDatasetResponse:
        """Takes a file in parts; leaving early leaves nothing behind."""
        about = _metadata(await anext(parts, pb.UploadDatasetRequest()))
        tenant = current.get().tenant
        await asyncio.to_thread(self._datasets.check_room, tenant, about.size_bytes, about.sha256)
        with self._datasets.receive(about.size_bytes, about.sha256) as upload:
            async for part in parts:
                await asyncio.to_thread(upload.write, _chunk(part))
            kept = await asyncio.to_thread(self._datasets.keep, tenant, upload, about.display_name)
        return pb.UploadDatasetResponse(dataset=dataset_message(kept))

    async def GetDataset(
        self, request: pb.GetDatasetRequest, context: grpc.aio.ServicerContext
    ) -> pb.GetDatasetResponse:
        """Returns one dataset."""
        asked = read(requests.GetDataset, request)
        found = await asyncio.to_thread(self._datasets.get, current.get().tenant, asked.name)
        return pb.GetDatasetResponse(dataset=dataset_message(found))

    async def ListDatasets(
        self, request: pb.ListDatasetsRequest, context: grpc.aio.ServicerContext
    ) -> pb.ListDatasetsResponse:
        """Returns a page, without columns."""
        asked = read(requests.ListDatasets, request)
        found, token = await asyncio.to_thread(
            self._datasets.list, current.get().tenant, asked.page_size, asked.page_token
        )
        return pb.ListDatasetsResponse(
            datasets=[dataset_message(replace(each, columns=())) for each in found], next_page_token=token
        )

    async def DeleteDataset(
        self, request: pb.DeleteDatasetRequest, context: grpc.aio.ServicerContext
    ) -> pb.DeleteDatasetResponse:
        """Deletes a dataset that no open job reads."""
        asked = read(requests.DeleteDataset, request)
        with suppress(*([DatasetNotFound] if asked.allow_missing else [])):
            await asyncio.to_thread(self._datasets.delete, current.get().tenant, asked.name)
        return pb.DeleteDatasetResponse()


def _metadata(first: pb.UploadDatasetRequest) -> requests.UploadMetadata:
    about = read(requests.UploadDataset, first).metadata
    if about is None:
        raise SpecError([Violation("metadata", "is required; send it as the first message")])
    return about


def _chunk(part: pb.UploadDatasetRequest) -> bytes:
    if part.WhichOneof("part") != "chunk":
        raise SpecError([Violation("chunk", "is required in every message after the first")])
    return part.chunk
