"""Ray's own autoscaler under four loads, over the stated kinds of node made small: the program of the test, with a picture."""

import tempfile
from pathlib import Path

from tests.benchmarks.pictures import draw_steps
from tests.benchmarks.rows import Row
from tests.programs import told

NAMES = ("autoscaled_up", "autoscaled_down")


def rows() -> list[Row]:
    """Runs it, draws the picture, and tells how long the nodes of the first search took to come and to go."""
    with tempfile.TemporaryDirectory() as folder:
        found = told("autoscaled.py", Path(folder), RAY_AUTH_MODE="disabled")
    counts, loads = found["counts"], found["loads"]
    kinds = [kind for kind in found["most"] if any(kind in there for _, there in counts)]
    series = {kind: [(when, there.get(kind, 0)) for when, there in counts] for kind in kinds}
    draw_steps("autoscaled", series, loads, "seconds", "nodes beside the head")
    began, ended = loads["search"]
    whole = max(sum(there.values()) for when, there in counts if when < ended)
    up = next(when for when, there in counts if sum(there.values()) == whole) - began
    down = next(when for when, there in counts if when > ended and not there) - ended
    note = f"a search, all {whole} nodes from none; peer: the first node"
    first = next(when for when, there in counts if there) - began
    return [
        Row("autoscaled_up", up, first, "s", "told", note),
        Row("autoscaled_down", down, found["idle_s"], "s", "told", "its end to no node; peer: the idle time-out"),
    ]
