"""Whether a new job may join the queue. A limit may be passed by what other replicas accept within the same second."""

from collections import Counter

from service.jobs.backlog import Backlog, Look
from service.jobs.errors import Draining, QuotaExceeded
from service.jobs.need import Need, need
from service.jobs.quotas import Quota, Quotas
from service.jobs.records import NewJob
from service.jobs.storage import Storage
from trainers.errors import SpecError, Violation

SURE_S = 0.1  # a look that is no older may turn callers away; under a flood of them it is not taken for each
_NONE: Counter[str] = Counter()


class Admission:
    """Refuses what would wait for ever, or too long.

    Args:
        backlog: What waits already.
        storage: What tenants keep on disk.
        quotas: What tenants may hold.
        max_queued: Jobs of all tenants that may wait.
    """

    def __init__(self, backlog: Backlog, storage: Storage, quotas: Quotas, max_queued: int) -> None:
        self._backlog, self._storage, self._quotas, self._max_queued = backlog, storage, quotas, max_queued

    def check_room(self, tenant: str, beside: Counter[str] = _NONE) -> None:
        """Passes when another job of a tenant may wait.

        Args:
            tenant: Whose job it is.
            beside: Jobs by tenant that are about to be queued with it.

        Raises:
            Draining: No replica would start it.
            QuotaExceeded: Too many wait already.
        """
        try:
            self._check_room(tenant, self._backlog.look(), beside)
        except (Draining, QuotaExceeded):  # jobs may have started since that look: nobody is turned away by an old one
            self._check_room(tenant, self._backlog.look(SURE_S), beside)

    def _check_room(self, tenant: str, look: Look, beside: Counter[str]) -> None:
        waiting, most = look.waiting() + beside, self._quotas.of(tenant).queued_jobs
        if look.slots == 0:
            raise Draining
        if most is not None and waiting[tenant] >= most:
            told = (
                f"{waiting[tenant]} jobs of {tenant} wait, and at most {most} may; submit again when some have started"
            )
            raise QuotaExceeded(f"tenants/{tenant}", told, passes=True)
        if waiting.total() >= self._max_queued:
            told = f"{waiting.total()} jobs wait, the most that this service keeps; submit again when some have started"
            raise QuotaExceeded("service", told, passes=True)

    def check(self, new: NewJob, beside: Counter[str]) -> None:
        """Passes a job that may wait, and be run; raises as `check_room` and `check_job`."""
        self.check_room(new.tenant, beside)
        self.check_job(new)

    def check_job(self, new: NewJob) -> None:
        """Passes a job that its tenant may run, and keep the files of.

        Raises:
            SpecError: Its priority is higher than the tenant's may be.
            QuotaExceeded: It asks for more than the tenant may hold, or the tenant keeps as much on disk as it may.
        """
        quota = self._quotas.of(new.tenant)
        if quota.cpus is not None or quota.gpus is not None:
            _check_alone(new.tenant, need(new.spec), quota)
        if quota.highest_priority is not None and new.priority > quota.highest_priority:
            told = f"is {new.priority}, but jobs of {new.tenant} may have at most {quota.highest_priority}; lower it"
            raise SpecError([Violation("priority", told)])
        if quota.stored_bytes is not None:
            check_stored(new.tenant, self._storage.of(new.tenant), 1, quota.stored_bytes)


def check_stored(tenant: str, stored: int, more: int, most: int) -> None:
    """Passes when a tenant that stores so many bytes may store more.

    Raises:
        QuotaExceeded: It may not.
    """
    if stored + more > most:
        told = (
            f"datasets and jobs of {tenant} hold {stored:,} bytes of the {most:,} that they may, which leaves no room for this;"
            " delete datasets and jobs that are no longer needed"
        )
        raise QuotaExceeded(f"tenants/{tenant}", told, passes=False)


def _check_alone(tenant: str, asked: Need, quota: Quota) -> None:
    """Refuses a job that would wait for ever."""
    for name, amount, most in (("CPUs", asked.cpus, quota.cpus), ("GPUs", asked.gpus, quota.gpus)):
        if most is not None and amount > most:
            told = (
                f"the job asks for up to {amount:g} {name}, and jobs of {tenant} may hold {most:g} together; lower"
                " search.parallelism, compute.workers or what each of them asks for"
            )
            raise QuotaExceeded(f"tenants/{tenant}", told, passes=False)
