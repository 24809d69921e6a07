"""How far one search scales: what it asks of the driver, the store and the head is measured; 1 to 1,000 nodes are played.

Folds are those of AI4I, recorded once and stretched to a mean. The play is in replay.py.
"""

import os
import random
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import ray
from ray.util.placement_group import placement_group, remove_placement_group
from rich.console import Console
from rich.table import Table

from cluster import session
from cluster.events import EventLog, RunnerEvent, read_events
from cluster.warm import WarmPool
from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from tests.benchmarks.bench_scale import STUDIES, Instant
from tests.benchmarks.pictures import draw
from tests.benchmarks.recorded import Recorded, real
from tests.benchmarks.replay import Driver, Play, Played
from tests.benchmarks.rows import Row
from trainers.steps import Steps
from tuning.journal import Journal
from tuning.objective import FoldResult
from tuning.result import SearchEvent, TrialOutcome, TrialState
from tuning.sampling import sampler
from tuning.search import search
from tuning.spec import Algorithm, Place, SearchSpec

NODES = (1, 10, 100, 1000)
MEANS = (0.3, 3.0, 30.0)  # seconds a fold, on average
ROUNDS = 4  # trials a node
NAMES = (
    "nodes_driver", "nodes_start", "nodes_proposal", "nodes_journal", "nodes_store", "nodes_head",
    *(f"nodes_{count}" for count in NODES),
)  # fmt: skip
# Workers, folds a trial, seconds a fold, trials: about 25 messages a second, so that nothing waits for a core of this machine.
SEARCHES = ((8, 1, 0.32, 120), (2, 5, 0.11, 30), (8, 5, 0.32, 48), (12, 5, 0.48, 60))
IMPORTS_S = 3.0  # of a processor, for what a worker imports before it has work


class Brief(Instant):
    """A fold that keeps its worker waiting."""

    def __init__(self, folds: int, seconds: float) -> None:
        super().__init__()
        self.folds, self._seconds = folds, seconds

    def evaluate(self, study: str, params: Mapping[str, Any], fold: int) -> FoldResult:
        time.sleep(self._seconds)
        return super().evaluate(study, params, fold)


class Marks:
    """Listens to a search, and notes what the driver has done and how long it has waited.

    Args:
        tell: Is told of each event too.
    """

    def __init__(self, tell: Callable[[SearchEvent], None]) -> None:
        self._tell, self._waited = tell, 0.0
        self._noted: list[
            tuple[float, bool, int, int]
        ] = []  # busy seconds, whether a trial began, its number, trials done
        self._wait = ray.wait

    def wait(self, *args: Any, **kwargs: Any) -> Any:
        """``ray.wait``, timed: the only place where the driver has nothing to do."""
        began = time.perf_counter()
        try:
            return self._wait(*args, **kwargs)
        finally:
            self._waited += time.perf_counter() - began

    def __call__(self, event: SearchEvent) -> None:
        self._tell(event)
        trial = event.trial
        starts = trial.state is TrialState.RUNNING and not trial.fold_scores
        self._noted.append((time.perf_counter() - self._waited, starts, trial.number, event.trials_done))

    def steady(self, workers: int, trials: int) -> tuple[float, int, int]:
        """Busy seconds, starts and messages between the time when each worker has had a trial and the start of the last."""
        first = next(i for i, (_, _, _, done) in enumerate(self._noted) if done >= workers)
        last = max(i for i, (_, starts, number, _) in enumerate(self._noted) if starts and number < trials)
        starts = sum(starts for _, starts, _, _ in self._noted[first + 1 : last + 1])
        return self._noted[last][0] - self._noted[first][0], starts, last - first - starts


def rows() -> list[Row]:
    """Measures, then plays; prints the shares and draws the picture."""
    with (
        tempfile.TemporaryDirectory() as name,
        session.connect(None, num_cpus=SEARCHES[-1][0], preload="tuning.search"),
    ):
        folder = Path(name)
        plain, events = driver_seconds(folder)
        head = head_seconds()
    few, many = proposal_seconds(25), proposal_seconds(1000)
    learning = replace(plain, start=plain.start + few, start_open=(many - few) / 975)
    recorded = next(real())
    ways = {"random": (plain, False), "TPE, racing": (learning, True)}
    found = {
        (way, mean, nodes): played(recorded, mean, nodes, *settings)
        for way, settings in ways.items() for mean in MEANS for nodes in NODES
    }  # fmt: skip
    _show(found)
    lines = {
        f"{mean:g} s a fold, {way}": (NODES, [100 * found[way, mean, nodes].fits for nodes in NODES])
        for way in ways
        for mean in MEANS
    }
    draw("nodes", lines, "nodes", "% of the nodes' time spent on fits", x_scale="log")
    message, store, journal = plain.takes(8), store_seconds(events, 100), journal_seconds()
    fits = [found["TPE, racing", MEANS[1], nodes].fits for nodes in NODES]
    return [
        Row("nodes_driver", 1e3 * plain.takes(1000), 1e3 * message, "ms", "told", "a message of 1,000 workers; peer: of 8"),
        Row("nodes_start", 1e3 * plain.start, 1e3 * message, "ms", "told", "a trial's start, random; peer: a message"),
        Row("nodes_proposal", 1e3 * many, 1e3 * few, "CPU ms", "told", "TPE, 1,000 trials open; peer: 25 open"),
        Row("nodes_journal", 1e3 * journal, 1e3 * message, "ms", "< 1", "a fold of 1,600 rows; peer: a message"),
        Row("nodes_store", 2e3 * store, 1e3 * message, "ms", "< 1", "a message's two events, SQLite; peer: a message"),
        Row("nodes_head", 1e3 * head, 1e3 * plain.start, "ms", "told", "a worker's place, made and removed; peer: a start"),
        *(
            Row(f"nodes_{nodes}", 100 * share, 100, "% fits", "told", "3 s a fold, TPE, racing; peer: nothing but fits")
            for nodes, share in zip(NODES, fits, strict=True)
        ),
    ]  # fmt: skip


def played(recorded: Recorded, mean: float, nodes: int, driver: Driver, racing: bool) -> Played:
    """One search with folds of this mean duration."""
    assert recorded.seconds is not None
    seconds, trials = recorded.seconds * (mean / recorded.seconds.mean()), max(ROUNDS * nodes, 50)
    return Play(recorded, seconds, nodes=nodes, trials=trials, racing=racing, driver=driver).played()


def driver_seconds(folder: Path) -> tuple[Driver, Sequence[RunnerEvent]]:
    """What a search of the product costs its driver on a real Ray, with journal and events; and the events of the last."""
    asked, spent = [], []
    for i, (workers, folds, seconds, trials) in enumerate(SEARCHES):
        _warm(workers)
        busy, starts, messages = _searched(folder / str(i), workers, Brief(folds, seconds), trials)
        asked.append((starts, messages, workers * messages))
        spent.append(busy)
    start, message, width = np.linalg.lstsq(np.array(asked, dtype=float), np.array(spent), rcond=None)[0]
    few, many = look_seconds(10), look_seconds(1000)
    each = (many - few) / 990
    driver = Driver(float(start), 0.0, float(message) + few - 10 * each, max(0.0, float(width)) + each)
    return driver, read_events(folder / "3/events.jsonl", 0, 10_000)


def _warm(workers: int) -> None:
    """Has worker processes ready, as on a service that is in use: what their starts cost is not asked here."""
    pool = WarmPool(workers)
    while len(pool.ready()) < workers:
        pool.fill()  # again, as Ray gives up a process that a busy machine is slow to start
        time.sleep(2 * IMPORTS_S)
    time.sleep(IMPORTS_S * workers / (os.cpu_count() or 1))


def _searched(folder: Path, workers: int, objective: Brief, trials: int) -> tuple[float, int, int]:
    log = EventLog(folder / "events.jsonl")
    steps = Steps(log.append, {"search": 1.0})
    steps.enter("search")
    marks = Marks(steps.searched)
    spec = SearchSpec(algorithm=Algorithm.RANDOM, max_trials=trials, racing=False, parallelism=workers)
    with patch.object(ray, "wait", marks.wait):
        search(
            STUDIES, objective, spec, seed=0, place=Place({"CPU": 1.0}), room=lambda: workers,
            journal=folder / "journal", report=marks,
        )  # fmt: skip
    return marks.steady(workers, trials)


def look_seconds(futures: int, looks: int = 200) -> float:
    """Seconds for Tune's look at what its workers have to tell when one of so many has something: Ray looks at each."""
    never = ray.remote(resources={"nowhere": 1})(lambda: None)
    pending = {*(never.remote() for _ in range(futures - 1)), ray.put(None)}
    began = time.perf_counter()
    for _ in range(looks):
        shuffled = list(pending)
        random.shuffle(shuffled)
        ray.wait(shuffled, num_returns=1, timeout=0.1)
    spent = time.perf_counter() - began
    for each in pending:
        ray.cancel(each)
    return spent / looks


def head_seconds(groups: int = 100) -> float:
    """Seconds for a placement group, which each worker has, from the request until it is there and removed again."""
    began = time.perf_counter()
    for _ in range(groups):
        group = placement_group([{"CPU": 1.0}])
        assert group.wait(30)
        remove_placement_group(group)
    return (time.perf_counter() - began) / groups


def store_seconds(events: Sequence[RunnerEvent], lot: int) -> float:
    """Seconds that the store takes for one event of a job, in lots as the service reads them when it lags."""
    told = [RunnerEvent(i + 1, datetime.now(UTC), each.event) for i, each in enumerate(events)]
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/jobs.db")
        job, _ = store.create(NewJob(spec={}), folder)
        store.move(job.id, State.QUEUED, State.WAITING_FOR_RESOURCES)
        began = time.perf_counter()
        for first in range(0, len(told), lot):
            store.append(job.id, 1, told[first : first + lot])
        spent = time.perf_counter() - began
        store.close()
    return spent / len(told)


def journal_seconds(folds: int = 2000) -> float:
    """Seconds for a fold of AI4I in the journal, its flushes to the disk counted."""
    result = FoldResult(0.5, 1.0, np.zeros(1600))
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder), {}) as journal:
        began = time.perf_counter()
        for i in range(folds):
            journal.add(STUDIES[0], {"x0": i // 5}, i % 5, result)
        return (time.perf_counter() - began) / folds


def proposal_seconds(open_trials: int, ended: int = 100, proposals: int = 10) -> float:
    """CPU seconds of a proposal of TPE while so many trials are open: it keeps away from each of them."""
    study, rng = STUDIES[0], np.random.default_rng(0)
    source = sampler(study, Algorithm.BAYESIAN, seed=0)
    for i in range(ended):
        score = float(rng.normal())
        source.tell(i, TrialOutcome(i, study, source.ask() or {}, TrialState.COMPLETED, (score,)))
    for _ in range(open_trials - proposals):
        source.ask()
    began = time.process_time()
    for _ in range(proposals):
        source.ask()
    return (time.process_time() - began) / proposals


def _show(found: Mapping[tuple[str, float, int], Played]) -> None:
    table = Table(title=f"Where the nodes' time goes in a search of {ROUNDS} trials a node (%)")
    for heading in (
        "way",
        "s a fold",
        "nodes",
        "fits",
        "driver",
        "course",
        "tail",
        "driver works",
        "messages/s",
        "saved",
    ):
        table.add_column(heading, justify="right")
    for (way, mean, nodes), each in found.items():
        shares = (each.fits, each.driver, each.course, each.tail, each.served)
        numbers = (*(f"{100 * share:.0f}" for share in shares), f"{each.messages:.3g}", f"{100 * each.saved:.0f}")
        table.add_row(way, f"{mean:g}", f"{nodes}", *numbers)
    Console(width=140).print(table)
