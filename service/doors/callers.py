"""Who calls, and what that lets them do."""

from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a caller may do, each role what the ones before it may as well."""

    VIEWER = "viewer"
    SUBMITTER = "submitter"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Greater may do more."""
        return list(Role).index(self)


@dataclass(frozen=True)
class Caller:
    """Whoever makes a call.

    Attributes:
        name: For the audit log.
        tenant: Whose jobs and datasets the call may see and change.
        role: What it may do there.
    """

    name: str
    tenant: str
    role: Role


class Unauthenticated(Exception):  # noqa: N818 (as the errors of service.jobs)
    """The call does not prove who makes it."""


class PermissionDenied(Exception):  # noqa: N818
    """The caller's role does not allow the call."""


class TooManyCalls(Exception):  # noqa: N818
    """The caller's tenant or address calls more often than it may.

    Attributes:
        retry_s: Seconds after which to call again.
    """

    def __init__(self, whose: str, rate: int, retry_s: float) -> None:
        self.retry_s = retry_s
        super().__init__(
            f"{whose} may make {rate} calls a second; call again in {retry_s:.1f} s, or ask for a higher limit"
        )


# Set for the length of a call by the interceptor, so that methods keep the signature that gRPC gives them.
current: ContextVar[Caller] = ContextVar("caller")
