"""How often an address and a tenant may call. Counted in this process: each replica of the service has its own count."""

import time
from collections import Counter
from collections.abc import Callable

from service.doors.callers import TooManyCalls


class Limits:
    """Counts calls in windows of a second. Not for several threads.

    Args:
        per_address: Calls a second of one address, whoever calls from there.
        per_tenant: Calls a second of one tenant, from wherever.
        clock: Seconds.
    """

    def __init__(self, per_address: int, per_tenant: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_address, self._per_tenant, self._clock = per_address, per_tenant, clock
        self._second, self._calls = 0, Counter[str]()

    def from_address(self, peer: str) -> None:
        """Counts a call from a gRPC peer, such as ``ipv4:10.0.0.7:51034``.

        Raises:
            TooManyCalls: It may not call now.
        """
        address = peer.rpartition(":")[0] or peer
        self._count(f"callers at {address}", self._per_address)

    def of_tenant(self, tenant: str) -> None:
        """Counts a call of a tenant.

        Raises:
            TooManyCalls: It may not call now.
        """
        self._count(f"tenant {tenant}", self._per_tenant)

    def _count(self, whose: str, limit: int) -> None:
        now = self._clock()
        if int(now) != self._second:  # all begin anew together, so that nothing is kept of who has called once
            self._second, self._calls = int(now), Counter()
        self._calls[whose] += 1
        if self._calls[whose] > limit:
            raise TooManyCalls(whose, limit, max(0.1, 1 - now % 1))
