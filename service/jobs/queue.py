"""Which job starts next, and when a waiting one will: decisions without a database or a clock.

Fair share over what is in use at the moment, as max-min fairness with weights asks (Ghodsi et al., Dominant Resource
Fairness, NSDI 2011, with CPUs as the one resource).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import fmean

from service.jobs.quotas import Quota
from service.jobs.records import Use

_NOBODY = Use()


@dataclass(frozen=True)
class Head:
    """The job that is first in its tenant's own queue: the oldest of the highest priority.

    Attributes:
        job: Its id.
        cpus: CPUs that it asks for.
        gpus: GPUs that it asks for.
        served: When a job of the tenant was last started; None: never.
    """

    job: str
    tenant: str
    priority: int
    create_time: datetime
    cpus: float
    gpus: float
    served: datetime | None = None


def choose(heads: Iterable[Head], use: Mapping[str, Use], quota_of: Callable[[str], Quota]) -> Head | None:
    """The job that starts next; None when each would take its tenant over its quota.

    Highest priority first; within a priority the tenant with the fewest CPUs in use for its weight; among equals the one
    that was served longest ago, so that where one job runs at a time tenants take turns; then the oldest job. A tenant's
    first job is not overtaken by a smaller one behind it, which could go on for ever.

    Args:
        heads: One a tenant that has jobs waiting.
        use: What each tenant holds now.
        quota_of: What a tenant may hold.
    """

    def order(head: Head) -> tuple[float, float, float, datetime, str]:
        share = use.get(head.tenant, _NOBODY).cpus / quota_of(head.tenant).weight
        return -head.priority, share, head.served.timestamp() if head.served else 0.0, head.create_time, head.job

    fitting = (head for head in heads if fits(head, use.get(head.tenant, _NOBODY), quota_of(head.tenant)))
    return min(fitting, key=order, default=None)


def fits(head: Head, held: Use, quota: Quota) -> bool:
    """Whether a tenant may hold this job beside what it holds."""
    return (
        _within(held.running_jobs + 1, quota.running_jobs)
        and _within(held.cpus + head.cpus, quota.cpus)
        and _within(held.gpus + head.gpus, quota.gpus)
    )


def jobs_ahead(higher: int, own: int, others: Iterable[int]) -> int:
    """How many jobs are likely to start before one that waits.

    Args:
        higher: Jobs of higher priority, of any tenant.
        own: Earlier jobs of its own tenant and priority.
        others: Waiting jobs of its priority, of each other tenant: they take turns with its own.
    """
    return higher + own + sum(min(waiting, own) for waiting in others)


def estimated_start(ahead: int, runs_s: Sequence[float], slots: int, now: datetime) -> datetime | None:
    """When a waiting job is likely to start, if jobs go on to take as long as recent ones did; None: cannot be said.

    Args:
        ahead: Jobs that start before it.
        runs_s: How long recent jobs ran, seconds.
        slots: Jobs that run at once.
        now: The time.
    """
    if not runs_s or not slots:
        return None
    return now + timedelta(seconds=(ahead + 1) * fmean(runs_s) / slots)


def _within(amount: float, most: float | None) -> bool:
    return most is None or amount <= most + 1e-9  # shares of a GPU do not add up exactly
