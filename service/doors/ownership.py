"""What a spec names must belong to the tenant that sends it: an uploaded table, and earlier jobs."""

from collections.abc import Iterator

from service.datasets import Datasets
from service.jobs.records import JOBS
from service.jobs.store import Store
from trainers.earlier import job_without_report
from trainers.errors import Problems
from trainers.spec import TrainingSpec


class Ownership:
    """Knows what belongs to whom.

    Args:
        datasets: The uploaded tables.
        store: The jobs.
    """

    def __init__(self, datasets: Datasets, store: Store) -> None:
        self._datasets, self._store = datasets, store

    def check(self, tenant: str, spec: TrainingSpec) -> None:
        """Refuses what belongs to another tenant, in the words used for what is not there.

        Raises:
            SpecError: With every violation.
        """
        problems = Problems()
        with problems.noting():
            self._datasets.check_owner(tenant, spec.data.uri)
        for field, reference in _references(spec):
            with problems.noting(field):
                if self._store.tenant_of(reference.removeprefix(JOBS)) != tenant:
                    raise job_without_report(reference)
        problems.stop()


def _references(spec: TrainingSpec) -> Iterator[tuple[str, str]]:
    """Fields of a spec that name other jobs, with the names."""
    if spec.parent:
        yield "parent", spec.parent
    yield from ((f"search.warm_start_from[{i}]", name) for i, name in enumerate(spec.search.warm_start_from))
