"""AdminService: about five lines a call."""
# ruff: noqa: N802 (the names of calls are the contract's)

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime

import grpc.aio

from service.api import requests
from service.api.bridge import read
from service.health.doctor import Doctor
from service.jobs.quotas import Quotas
from service.jobs.records import Use
from service.jobs.store import Store
from trainwright.messages import from_dict
from trainwright.v1 import admin_service_pb2 as pb
from trainwright.v1.admin_service_pb2_grpc import AdminServiceServicer

Context = grpc.aio.ServicerContext


class AdminServicer(AdminServiceServicer):
    """Answers from the store, over all tenants."""

    def __init__(self, store: Store, quotas: Quotas, doctor: Doctor) -> None:
        self._store, self._quotas, self._doctor = store, quotas, doctor

    async def GetQueue(self, request: pb.GetQueueRequest, context: Context) -> pb.GetQueueResponse:
        """Tells what waits and runs, and which replicas serve."""
        read(requests.GetQueue, request)
        lines = await asyncio.to_thread(self._store.backlog.lines)
        replicas = await asyncio.to_thread(self._store.backlog.replicas)
        return from_dict(pb.GetQueueResponse, {"lines": map(vars, lines), "replicas": map(vars, replicas)})

    async def ListTenants(self, request: pb.ListTenantsRequest, context: Context) -> pb.ListTenantsResponse:
        """Lists the tenants with what each holds, beside its quota."""
        read(requests.ListTenants, request)
        use = await asyncio.to_thread(self._store.backlog.use)
        names = sorted({*use, *self._quotas.listed()})
        return from_dict(pb.ListTenantsResponse, {"tenants": [self._tenant(name, use) for name in names]})

    async def DrainReplica(self, request: pb.DrainReplicaRequest, context: Context) -> pb.DrainReplicaResponse:
        """Has a replica let go of its jobs, or take jobs again."""
        asked = read(requests.DrainReplica, request)
        told = await asyncio.to_thread(self._store.claims.drain, asked.id, not asked.undo)
        return from_dict(pb.DrainReplicaResponse, {"replica": vars(told)})

    async def Diagnose(self, request: pb.DiagnoseRequest, context: Context) -> pb.DiagnoseResponse:
        """Looks at everything the service leans on."""
        read(requests.Diagnose, request)
        checks = await self._doctor.examine()
        return from_dict(pb.DiagnoseResponse, {"checks": map(vars, checks), "time": datetime.now(UTC)})

    def _tenant(self, name: str, use: dict[str, Use]) -> dict[str, object]:
        return {"name": name, **asdict(use.get(name, Use())), "quota": self._quotas.of(name).model_dump()}
