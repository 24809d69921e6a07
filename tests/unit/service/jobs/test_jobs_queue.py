"""Whose turn it is: priorities, fair share and quotas, on simulated queues."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.jobs.queue import Head, choose, estimated_start, jobs_ahead
from service.jobs.quotas import Quota
from service.jobs.records import Use

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
FREE = Quota()


def head(tenant: str, priority: int = 0, age: int = 0, cpus: float = 1.0, served: int | None = None) -> Head:
    start = None if served is None else NOON + timedelta(seconds=served)
    return Head(f"of {tenant}", tenant, priority, NOON - timedelta(seconds=age), cpus, 0.0, start)


def chosen(*heads: Head, use: dict[str, Use] | None = None, **quotas: Quota) -> str | None:
    found = choose(heads, use or {}, lambda tenant: quotas.get(tenant, FREE))
    return found and found.tenant


def test_priority_comes_before_share_and_age() -> None:
    assert chosen(head("a", age=9), head("b", priority=1), use={"b": Use(cpus=64.0)}) == "b"


def test_within_a_priority_the_tenant_goes_that_holds_least_for_its_weight() -> None:
    use = {"a": Use(cpus=4.0), "b": Use(cpus=6.0)}
    assert chosen(head("a"), head("b", age=9), use=use) == "a"
    assert chosen(head("a"), head("b", age=9), use=use, b=Quota(weight=2)) == "b"


def test_of_equals_the_one_served_longest_ago_goes_then_the_oldest_job() -> None:
    assert chosen(head("a", age=9, served=5), head("b", served=4)) == "b"
    assert chosen(head("a", age=9, served=5), head("b")) == "b"
    assert chosen(head("a", age=8), head("b", age=9)) == "b"


def test_a_tenant_at_its_quota_lets_others_pass() -> None:
    use = {"a": Use(running_jobs=2, cpus=2.0)}
    for quota in (Quota(running_jobs=2), Quota(cpus=2.5)):
        assert chosen(head("a", priority=9), head("b"), use=use, a=quota) == "b"
        assert chosen(head("a", priority=9), use=use, a=quota) is None


def test_jobs_ahead_are_those_that_go_before() -> None:
    assert jobs_ahead(higher=0, own=0, others=[50, 3]) == 0
    assert jobs_ahead(higher=4, own=5, others=[50, 3]) == 4 + 5 + 5 + 3


def test_a_start_is_estimated_from_how_long_recent_jobs_ran() -> None:
    assert estimated_start(3, [60.0, 120.0], slots=2, now=NOON) == NOON + timedelta(seconds=180)
    assert estimated_start(3, [], slots=2, now=NOON) is None
    assert estimated_start(3, [60.0], slots=0, now=NOON) is None


@dataclass
class Farm:
    """A queue with slots, whose running jobs end oldest first when a slot is needed."""

    quotas: dict[str, Quota]
    slots: int
    waiting: list[Head]
    running: list[Head] = field(default_factory=list)
    served: dict[str, datetime] = field(default_factory=dict)
    turn: int = 0

    def use(self) -> dict[str, Use]:
        found: dict[str, Use] = {}
        for job in self.running:
            held = found.get(job.tenant, Use())
            found[job.tenant] = replace(held, running_jobs=held.running_jobs + 1, cpus=held.cpus + job.cpus)
        return found

    def heads(self) -> list[Head]:
        first: dict[str, Head] = {}
        for job in sorted(self.waiting, key=lambda job: (-job.priority, job.create_time, job.job)):
            first.setdefault(job.tenant, replace(job, served=self.served.get(job.tenant)))
        return list(first.values())

    def start(self) -> Head | None:
        if len(self.running) == self.slots:
            self.running.pop(0)
        job = choose(self.heads(), self.use(), self.quotas.__getitem__)
        if job is not None:
            self.turn += 1
            self.served[job.tenant] = NOON + timedelta(seconds=self.turn)
            self.waiting = [each for each in self.waiting if each.job != job.job]
            self.running.append(job)
        elif self.running:
            self.running.pop(0)  # something ends, so that one that does not fit may fit
        return job


TENANTS = ["a", "b", "c", "d"]
quota = st.builds(
    Quota,
    running_jobs=st.none() | st.integers(1, 4),
    cpus=st.none() | st.floats(4, 16),
    weight=st.floats(0.25, 4),
)
jobs = st.lists(st.tuples(st.sampled_from(TENANTS), st.integers(-2, 2), st.integers(1, 4)), min_size=1, max_size=40)


@st.composite
def farms(draw: st.DrawFn, priorities: bool = True) -> Farm:
    waiting = [
        Head(f"{i:02}", tenant, priority if priorities else 0, NOON + timedelta(seconds=i), float(cpus), 0.0)
        for i, (tenant, priority, cpus) in enumerate(draw(jobs))
    ]
    return Farm({tenant: draw(quota) for tenant in TENANTS}, draw(st.integers(1, 6)), waiting)


@given(farms())
def test_no_quota_is_ever_exceeded_and_every_job_starts_once(farm: Farm) -> None:
    all_jobs = {job.job for job in farm.waiting}
    started = []
    while farm.waiting:
        if (job := farm.start()) is not None:
            started.append(job.job)
        for tenant, held in farm.use().items():
            assert held.running_jobs <= (farm.quotas[tenant].running_jobs or 99)
            assert held.cpus <= (farm.quotas[tenant].cpus or 999)
    assert sorted(started) == sorted(all_jobs)


@given(farms())
def test_nothing_starts_before_a_higher_priority_that_fits(farm: Farm) -> None:
    while farm.waiting:
        heads, before = farm.heads(), farm.use()
        job = choose(heads, before, farm.quotas.__getitem__)
        if job is not None:
            higher = [each for each in heads if each.priority > job.priority]
            assert all(choose([each], before, farm.quotas.__getitem__) is None for each in higher)
        farm.start()


@given(farms(priorities=False))
def test_a_tenant_that_runs_nothing_waits_for_at_most_one_start_of_each_other(farm: Farm) -> None:
    passed: dict[str, Counter[str]] = {}
    while farm.waiting:
        idle = {each.tenant for each in farm.waiting} - set(farm.use())
        job = farm.start()
        passed = {tenant: passed.get(tenant, Counter()) for tenant in idle}
        if job is not None:
            passed.pop(job.tenant, None)
            for tenant, starts in passed.items():
                starts[job.tenant] += 1
                assert starts[job.tenant] <= 1, f"{tenant} waits"
