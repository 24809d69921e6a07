"""Three nodes of one CPU: one dies while the search is at its third configuration, one at the third member of the bags.

Prints what became of the run, and of the same run again on the node that is left.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import ray
from ray.cluster_utils import Cluster

from tests.running import run_in
from trainers import fits
from trainers.report.values import Report

FOLDER = Path(sys.argv[1])
SPEC: dict[str, Any] = {
    "decision": "Stop bad parts",
    "data": {"uri": str(FOLDER / "parts.csv"), "target": "bad", "positive_class": "1"},
    "split": {"folds": 3},
    "candidates": [{"family": "hist_gradient_boosting", "space": {"learning_rate": {"uniform": [0.02, 0.05]}}}],
    "search": {"algorithm": "random", "max_trials": 5, "racing": False},
    "ensembles": [{"kind": "bagging", "members": 3}],
    "diagnosis": {"learning_points": 0, "seeds": 0},
}
Fitter = fits._Fitter


class Counting(Fitter):
    """A worker that leaves a line for every fit it has done."""

    def fit(self, jobs: Sequence[fits.Fit], rows: Any) -> Any:
        outcomes = super().fit(jobs, rows)
        with (FOLDER / "fitted").open("a") as lines:
            lines.writelines(f"{job.label}\n" for job in jobs)
        return outcomes


class Fates:
    """Kills a node at its hour: the first in the search, the second among the bags."""

    def __init__(self, cluster: Cluster, nodes: Sequence[Any]) -> None:
        self._cluster, self._nodes = cluster, list(nodes)
        self._phase, self._seen = "", Counter[str]()

    def __call__(self, event: Mapping[str, Any]) -> None:
        self._phase = event["phase"]["phase"] if "phase" in event else self._phase
        self._seen[self._phase] += "progress" in event
        if (self._phase, self._seen[self._phase], len(self._nodes)) in (("search", 8, 2), ("ensembles", 4, 1)):
            self._cluster.remove_node(self._nodes.pop(), allow_graceful=False)


def described(report: Report) -> dict[str, Any]:
    return {
        "selected": [report.selected.family, report.selected.params],
        "scores": [[each.family, each.mean] for each in report.candidates],
        "dropped": [dropped.reason for ensemble in report.ensembles for dropped in ensemble.dropped],
        "test": report.test.metrics,
        "fits": report.search.fits,
    }


rng = np.random.default_rng(0)
table = pd.DataFrame(rng.normal(size=(2000, 6)), columns=list("abcdef"))
table["bad"] = (table["a"] * table["b"] + 0.5 * rng.normal(size=len(table)) > 0.8).astype(int)
table.to_csv(FOLDER / "parts.csv", index=False)

cluster = Cluster(initialize_head=True, connect=True, head_node_args={"num_cpus": 1})
fates = Fates(cluster, [cluster.add_node(num_cpus=1) for _ in range(2)])
fits._Fitter = Counting
broken = run_in(FOLDER / "broken", SPEC, fates)
fitted = Counter((FOLDER / "fitted").read_text().splitlines())
fits._Fitter = Fitter
unbroken = run_in(FOLDER / "unbroken", SPEC)
lines = (FOLDER / "broken/out/journal/folds.jsonl").read_text().splitlines()[1:]
found = {
    "nodes": sum(node["Alive"] for node in ray.nodes()),
    "folds": [[json.loads(line)["trial"], json.loads(line)["fold"]] for line in lines],
    "fitted": fitted,
    "broken": described(broken),
    "unbroken": described(unbroken),
}
ray.shutdown()
cluster.head_node.kill_all_processes(check_alive=False, allow_graceful=False)
print(json.dumps(found))
