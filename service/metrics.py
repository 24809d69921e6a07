"""What Prometheus sees of the service. Names and labels are an interface: dashboards and alerts hang on them."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from service.jobs.records import JobRecord

CALL_BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
JOB_BUCKETS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 4 * 3600, 24 * 3600)


class Metrics:
    """Counts calls and ended jobs, and tells how many jobs there are in each state.

    Args:
        jobs_by_state: Number of jobs by tenant and state, asked for at each scrape.
    """

    def __init__(self, jobs_by_state: Callable[[], Mapping[tuple[str, str], int]]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(_Jobs(jobs_by_state))
        self._calls = self._histogram("call_seconds", "Time of a call.", CALL_BUCKETS, "method", "code")
        self._ended = self._counter("jobs_ended", "Jobs that have ended.", "tenant", "state", "error_kind")
        self._attempts = self._counter("attempts", "Runs of jobs that have ended, all attempts.", "tenant")
        self._queued = self._histogram("queued_seconds", "From create to start of a job.", JOB_BUCKETS, "tenant")
        self._phases = self._histogram("phase_seconds", "Time of a step of a run.", JOB_BUCKETS, "phase")
        self._fits = self._counter("fits", "Model fits in searches.", "tenant")
        self._up = Gauge("trainwright_dependency_up", "1 while it answers.", ["dependency"], registry=self.registry)
        self._saved = self._counter("fits_saved", "Fits that racing and the journal made needless.", "tenant")

    def _counter(self, name: str, about: str, *labels: str) -> Counter:
        return Counter(f"trainwright_{name}", about, labels, registry=self.registry)

    def _histogram(self, name: str, about: str, buckets: Sequence[float], *labels: str) -> Histogram:
        return Histogram(f"trainwright_{name}", about, labels, buckets=buckets, registry=self.registry)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Serves ``/metrics`` over HTTP; returns what stops it."""
        server, thread = start_http_server(port, host, self.registry)

        def stop() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return stop

    def call(self, method: str, code: str, seconds: float) -> None:
        """Counts a call that has ended."""
        self._calls.labels(method, code).observe(seconds)

    def dependency(self, name: str, answers: bool) -> None:
        """Notes whether a dependency answers."""
        self._up.labels(name).set(answers)

    def job(self, job: JobRecord) -> None:
        """Counts a job that has ended, with its history."""
        kind = job.error.kind if job.error else ""
        self._ended.labels(job.tenant, job.state.value, kind).inc()
        self._attempts.labels(job.tenant).inc(len(job.attempts))
        if job.start_time is not None:
            self._queued.labels(job.tenant).observe((job.start_time - job.create_time).total_seconds())
        for phase in job.history:
            if phase.phase and phase.end_time is not None:
                self._phases.labels(phase.phase).observe((phase.end_time - phase.start_time).total_seconds())
        search = (job.report or {}).get("search", {})
        done = int(search.get("fits", 0)) - int(search.get("resumed_fits", 0))
        self._fits.labels(job.tenant).inc(max(0, done))
        self._saved.labels(job.tenant).inc(max(0, int(search.get("fits_without_racing", 0)) - done))


class _Jobs(Collector):
    """Jobs by state, read when asked for, so that the number is right whoever has changed it."""

    def __init__(self, count: Callable[[], Mapping[tuple[str, str], int]]) -> None:
        self._count = count

    def collect(self) -> Iterable[Metric]:
        """Asks the store."""
        gauge = GaugeMetricFamily("trainwright_jobs", "Jobs by state.", labels=["tenant", "state"])
        for (tenant, state), jobs in self._count().items():
            gauge.add_metric([tenant, state], jobs)
        yield gauge
