"""The controller at scale, in a simulation: thousands of trials of an objective that takes microseconds, and no Ray.

What is asked: does the cost of a result, from the proposal to the entry in the journal, stay the same as the search grows,
and does memory stay bounded?
"""

import math
import resource
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.pictures import draw
from tests.benchmarks.rows import Row
from tuning.course import Course, planned_trials
from tuning.journal import Journal
from tuning.ledger import Ledger
from tuning.objective import FoldResult, Study
from tuning.racing import Race
from tuning.result import TrialOutcome
from tuning.space import Parameter
from tuning.spec import Algorithm, SearchSpec
from tuning.trial import Trial

NAMES = ("scale_random", "scale_bayesian", "scale_grid", "scale_memory", "scale_eight_searches")
TRIALS, FOLDS, VALIDATION = 5000, 5, 1000
CHUNK = 500  # trials over which the cost of a result is averaged
UNIT = Parameter.model_validate({"uniform": [0, 1]})
STUDIES = tuple(Study(name, {f"x{i}": UNIT for i in range(size)}, {}) for name, size in (("small", 7), ("large", 8)))


class Instant:
    """Scores a configuration without fitting anything."""

    folds = FOLDS

    def __init__(self) -> None:
        self._noise = np.random.default_rng(0).normal(0, 0.3, (FOLDS, VALIDATION))

    def evaluate(self, study: str, params: Mapping[str, Any], fold: int) -> FoldResult:
        quality = -sum((value - 0.7) ** 2 for value in params.values())
        rows = quality + self._noise[fold]
        return FoldResult(float(rows.mean()), 1e-6, rows)

    def difference(self, ours: Sequence[np.ndarray], theirs: Sequence[np.ndarray]) -> tuple[float, float]:
        rows = np.concatenate(ours) - np.concatenate(theirs)
        return float(rows.mean()), float(rows.std()) / math.sqrt(len(rows))


@dataclass(frozen=True)
class Costs:
    """What a search cost its controller.

    Attributes:
        seconds: Mean CPU seconds a result (a trial's end), by chunk of the trials in order.
        grown: Megabytes by which the process grew after the first chunk.
        stored: Megabytes in the journal.
    """

    seconds: np.ndarray
    grown: float
    stored: float


def rows() -> list[Row]:
    """Runs a search with each algorithm alone, each in a process of its own, and then eight at once."""
    algorithms = (Algorithm.RANDOM, Algorithm.BAYESIAN, Algorithm.GRID)
    with ProcessPoolExecutor(1, max_tasks_per_child=1) as alone:
        found = dict(zip(algorithms, alone.map(run, algorithms, [TRIALS] * len(algorithms)), strict=True))
    with ProcessPoolExecutor(8) as together:
        eight = [c.seconds.mean() for c in together.map(run, [Algorithm.BAYESIAN] * 8, [2 * CHUNK] * 8)]
    x = np.arange(1, TRIALS // CHUNK + 1) * CHUNK
    lines = {name.value: (x, 1e3 * costs.seconds) for name, costs in found.items()}
    draw("scale", lines, "results so far", "CPU milliseconds a result")
    bayesian = found[Algorithm.BAYESIAN]
    note = f"a result; mean of the last {CHUNK} of {TRIALS} trials; peer: trials {CHUNK} to {2 * CHUNK}"
    flat = [
        Row(f"scale_{name.value}", 1e3 * costs.seconds[-1], 1e3 * costs.seconds[1], "CPU ms", "<= 1.5", note)
        for name, costs in found.items()
    ]
    return [
        *flat,
        Row("scale_memory", bayesian.grown, bayesian.stored, "MB", "< 1", f"growth over {TRIALS} trials; peer: journal"),
        Row(
            "scale_eight_searches", 1e3 * float(np.mean(eight)), 1e3 * bayesian.seconds[:2].mean(), "CPU ms", "<= 1.5",
            f"a result of eight searches at once, {2 * CHUNK} trials each; peer: one alone",
        ),
    ]  # fmt: skip


def run(algorithm: Algorithm, trials: int) -> Costs:
    """Searches as ``tuning.search`` does, with the trials in this process instead of on workers."""
    objective, race, spec = Instant(), Race(FOLDS), SearchSpec(algorithm=algorithm, max_trials=trials)
    seconds, marks = [], []
    with tempfile.TemporaryDirectory() as folder, Journal(Path(folder), {}) as journal:

        def difference(ours: TrialOutcome, theirs: TrialOutcome) -> tuple[float, float]:
            return objective.difference(*(journal.predictions(o.study, o.params) for o in (ours, theirs)))

        course = Course(STUDIES, spec, 0, race, difference)
        ledger = Ledger(objective, race, journal, planned_trials(STUDIES, spec) * FOLDS, lambda event: None)
        while True:
            began = time.process_time()
            if (proposal := course.next()) is None:
                break
            ledger.begin(proposal)
            spent = time.process_time() - began
            rival = ledger.predictions(proposal.rival) if proposal.rival else None
            trial = Trial(objective, proposal.study.name, proposal.params, proposal.race, rival)
            results = []
            while not trial.ended:
                results.append(trial.advance())
            began = time.process_time()
            outcome = ledger.add(proposal.number, results, trial.verdict)
            assert outcome is not None
            course.end(outcome)
            seconds.append(spent + time.process_time() - began)
            if len(seconds) % CHUNK == 0:
                marks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        stored = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    return Costs(np.array(seconds).reshape(-1, CHUNK).mean(axis=1), marks[-1] - marks[0], stored)
