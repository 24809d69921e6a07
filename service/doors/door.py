"""Lets calls in or turns them away: who calls, how often, with what role, about whose jobs."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from service.doors.callers import Caller, PermissionDenied, Role, Unauthenticated
from service.doors.limits import Limits
from service.doors.oidc import Tokens
from service.doors.rules import RULES, Rule
from service.doors.tokens import TokenFile
from service.jobs.errors import JobNotFound
from service.jobs.records import JOBS

ANYONE = Caller("anyone", "default", Role.ADMIN)
TENANT = "x-trainwright-tenant"  # metadata by which an admin acts in another tenant
TENANTS_KEPT = 10_000


@dataclass(frozen=True)
class Knock:
    """A call at the door.

    Attributes:
        method: Its name.
        metadata: What came with it.
        peer: gRPC peer.
        certificate: Common name of the client's certificate, which TLS has checked; empty without one.
        request: The message; None for a stream of them.
    """

    method: str
    metadata: Mapping[str, str]
    peer: str
    certificate: str
    request: Any


class Door:
    """Decides about calls.

    Args:
        listed: Callers of a file.
        provider: Callers of an OpenID Connect provider.
        limits: How often they may call.
        tenant_of: The tenant that a job belongs to, by its id; None when there is no such job.
    """

    def __init__(
        self,
        listed: TokenFile | None,
        provider: Tokens | None,
        limits: Limits,
        tenant_of: Callable[[str], str | None],
    ) -> None:
        self._listed, self._provider, self._limits, self._tenant_of = listed, provider, limits, tenant_of
        self._tenants: OrderedDict[str, str] = OrderedDict()  # of jobs asked for lately; a job never changes its tenant

    async def enter(self, knock: Knock) -> Caller:
        """Lets a call in; without a list of callers and a provider everyone is an admin of the default tenant.

        Raises:
            Unauthenticated: It is not known who calls.
            PermissionDenied: The role does not allow it.
            TooManyCalls: They call too often.
            JobNotFound: It is about a job of another tenant, which is told no more of than of one that is not there.
        """
        self._limits.from_address(knock.peer)
        caller = _acting(await self._who(knock), knock.metadata.get(TENANT))
        self._limits.of_tenant(caller.tenant)
        rule = RULES[knock.method]
        if caller.role.rank < rule.role.rank:
            raise PermissionDenied(
                f"{knock.method} needs the role {rule.role}, and {caller.name} is {caller.role}; ask the operator for it"
            )
        for job in jobs_named(rule, knock.request):
            if await self._tenant(job) not in (None, caller.tenant):
                raise JobNotFound(job)
        return caller

    async def _tenant(self, job: str) -> str | None:
        if job in self._tenants:
            self._tenants.move_to_end(job)
            return self._tenants[job]
        found = await asyncio.to_thread(self._tenant_of, job)
        if found is not None:
            self._tenants[job] = found
            if len(self._tenants) > TENANTS_KEPT:
                self._tenants.popitem(last=False)
        return found

    async def _who(self, knock: Knock) -> Caller:
        if self._listed is None and self._provider is None:
            return ANYONE
        kind, _, token = knock.metadata.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and token:
            if self._provider is not None and token.count(".") == 2:
                return await asyncio.to_thread(self._provider.by_token, token)
            if self._listed is not None:
                return self._listed.by_token(token)
        elif self._listed is not None and knock.certificate:
            return self._listed.by_certificate(knock.certificate)
        raise Unauthenticated("the call carries no token; send one as metadata: authorization: Bearer TOKEN")


def jobs_named(rule: Rule, request: Any) -> Iterator[str]:
    """Ids of the jobs that a request names; what is no name of a job is left to the request's own checks."""
    for field in rule.jobs:
        value = getattr(request, field)
        for name in [value] if isinstance(value, str) else value:
            yield name.removeprefix(JOBS)


def _acting(caller: Caller, tenant: str | None) -> Caller:
    if tenant in (None, caller.tenant):
        return caller
    if caller.role is not Role.ADMIN:
        raise PermissionDenied(
            f"{caller.name} belongs to the tenant {caller.tenant}; only an admin acts in another one"
        )
    return replace(caller, tenant=str(tenant))
