"""What operators see and do: the queue, the tenants, the replicas of the service. Needs the role admin."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from trainwright.calls import Call
from trainwright.connection import AsyncConnection, Connection
from trainwright.decode import value
from trainwright.messages import to_dict
from trainwright.v1 import admin_service_pb2 as pb
from trainwright.v1.admin_service_pb2_grpc import AdminServiceStub


@dataclass(frozen=True)
class QueueLine:
    """Open jobs of one tenant and one priority.

    Attributes:
        tenant: The tenant.
        priority: Greater starts first.
        queued_jobs: Jobs that wait for their turn.
        running_jobs: Jobs that a replica has started.
        oldest_create_time: When the oldest of the queued jobs was accepted; None without one.
    """

    tenant: str
    priority: int = 0
    queued_jobs: int = 0
    running_jobs: int = 0
    oldest_create_time: datetime | None = None


@dataclass(frozen=True)
class Replica:
    """One process of the service.

    Attributes:
        id: Its id, which it keeps over restarts on the same state folder.
        host: The machine it is on.
        start_time: When it started.
        lease_expire_time: When others take over its jobs unless it renews its lease.
        draining: Whether it has been told to take no new jobs.
        running_jobs: Jobs that it follows now.
        max_running_jobs: Jobs that it starts at once at most.
    """

    id: str
    host: str = ""
    start_time: datetime | None = None
    lease_expire_time: datetime | None = None
    draining: bool = False
    running_jobs: int = 0
    max_running_jobs: int = 0


@dataclass(frozen=True)
class Queue:
    """What waits and runs, and which replicas serve."""

    lines: tuple[QueueLine, ...] = ()
    replicas: tuple[Replica, ...] = ()


@dataclass(frozen=True)
class Quota:
    """What a tenant may hold; None: no limit.

    Attributes:
        running_jobs: Jobs that run at once.
        queued_jobs: Jobs that wait.
        cpus: CPUs of its running jobs together.
        gpus: GPUs of its running jobs together.
        stored_bytes: Bytes of its datasets, and of the files of its jobs that have ended.
        highest_priority: Highest priority of its jobs.
        weight: Its share beside other tenants of the same priority.
    """

    running_jobs: int | None = None
    queued_jobs: int | None = None
    cpus: float | None = None
    gpus: float | None = None
    stored_bytes: int | None = None
    highest_priority: int | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class Tenant:
    """What one tenant holds, beside its quota."""

    name: str
    running_jobs: int = 0
    queued_jobs: int = 0
    cpus: float = 0.0
    gpus: float = 0.0
    stored_bytes: int = 0
    quota: Quota = field(default_factory=Quota)


class Verdict(StrEnum):
    """How something is."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        verdict: Whether it is as it must be.
        found: What was found, in a sentence.
        mend: What to do; empty when nothing is to be done.
    """

    name: str
    verdict: Verdict
    found: str = ""
    mend: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What the service found on its own side, and the time of its clock."""

    checks: tuple[Check, ...] = ()
    time: datetime | None = None


class Admin:
    """Looks after the service as a whole. Found as ``TrainingClient.admin``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def queue(self) -> Queue:
        """Tells what waits and runs, and which replicas serve."""
        return self._connection.run(_queue())

    def tenants(self) -> Sequence[Tenant]:
        """Lists the tenants with open jobs, datasets, or a quota of their own."""
        return self._connection.run(_tenants())

    def drain(self, replica: str, *, undo: bool = False) -> Replica:
        """Has a replica hand its jobs to the others and take no new ones; or, with ``undo``, take jobs again.

        Raises:
            NotFound: No replica of this id holds a lease.
        """
        return self._connection.run(_drain(replica, undo))

    def diagnose(self) -> Diagnosis:
        """Has the service look at everything that it leans on."""
        return self._connection.run(_diagnose())


class AsyncAdmin:
    """The asyncio twin of ``Admin``. Found as ``AsyncTrainingClient.admin``."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def queue(self) -> Queue:
        """Tells what waits and runs; as ``Admin.queue``."""
        return await self._connection.run(_queue())

    async def tenants(self) -> Sequence[Tenant]:
        """Lists the tenants; as ``Admin.tenants``."""
        return await self._connection.run(_tenants())

    async def drain(self, replica: str, *, undo: bool = False) -> Replica:
        """Drains a replica; as ``Admin.drain``."""
        return await self._connection.run(_drain(replica, undo))

    async def diagnose(self) -> Diagnosis:
        """Has the service look at what it leans on; as ``Admin.diagnose``."""
        return await self._connection.run(_diagnose())


def _queue() -> Call[Queue]:
    def read(answer: pb.GetQueueResponse) -> Queue:
        lines = tuple(value(QueueLine, each) for each in answer.lines)
        return Queue(lines, tuple(value(Replica, each) for each in answer.replicas))

    return Call(AdminServiceStub, "GetQueue", pb.GetQueueRequest(), read)


def _tenants() -> Call[Sequence[Tenant]]:
    def read(answer: pb.ListTenantsResponse) -> Sequence[Tenant]:
        return [_tenant(each) for each in answer.tenants]

    return Call(AdminServiceStub, "ListTenants", pb.ListTenantsRequest(), read)


def _drain(replica: str, undo: bool) -> Call[Replica]:
    request = pb.DrainReplicaRequest(id=replica, undo=undo)
    return Call(AdminServiceStub, "DrainReplica", request, lambda answer: value(Replica, answer.replica))


def _diagnose() -> Call[Diagnosis]:
    def read(answer: pb.DiagnoseResponse) -> Diagnosis:
        checks = tuple(Check(**plain | {"verdict": Verdict(plain["verdict"])}) for plain in map(to_dict, answer.checks))
        return Diagnosis(checks, to_dict(answer).get("time"))

    return Call(AdminServiceStub, "Diagnose", pb.DiagnoseRequest(), read)


def _tenant(message: Any) -> Tenant:
    plain = {name: getattr(message, name) for name in message.DESCRIPTOR.fields_by_name}
    return Tenant(**plain | {"quota": value(Quota, message.quota)})
