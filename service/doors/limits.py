"""How often an address and a tenant may call. Counted in this process: each replica of the service has its own count."""

import time

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

from service.doors.callers import TooManyCalls


class Limits:
    """Counts calls.

    Args:
        per_address: Calls a second of one address, whoever calls from there.
        per_tenant: Calls a second of one tenant, from wherever.
    """

    def __init__(self, per_address: int, per_tenant: int) -> None:
        self._counter = FixedWindowRateLimiter(MemoryStorage())
        self._address, self._tenant = RateLimitItemPerSecond(per_address), RateLimitItemPerSecond(per_tenant)

    def from_address(self, peer: str) -> None:
        """Counts a call from a gRPC peer, such as ``ipv4:10.0.0.7:51034``.

        Raises:
            TooManyCalls: It may not call now.
        """
        address = peer.rpartition(":")[0] or peer
        self._count(self._address, "address", address, f"callers at {address}")

    def of_tenant(self, tenant: str) -> None:
        """Counts a call of a tenant.

        Raises:
            TooManyCalls: It may not call now.
        """
        self._count(self._tenant, "tenant", tenant, f"tenant {tenant}")

    def _count(self, limit: RateLimitItem, kind: str, whose: str, told: str) -> None:
        if not self._counter.hit(limit, kind, whose):
            left = self._counter.get_window_stats(limit, kind, whose).reset_time - time.time()
            raise TooManyCalls(told, limit.amount, max(0.1, left))
