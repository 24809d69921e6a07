"""Runs the benchmarks, writes bench.json and prints a table.

Each module ``bench_*.py`` here has ``NAMES``, the rows it can measure, and ``rows()``, which measures them.
"""

import argparse
import importlib
import json
import os
import platform
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.rows import Row

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", metavar="NAME", help="measure only the module that has this row")
    only = parser.parse_args().only
    modules = [importlib.import_module(f"tests.benchmarks.{path.stem}") for path in sorted(HERE.glob("bench_*.py"))]
    names = [name for module in modules for name in module.NAMES]
    if only and only not in names:
        parser.error(f"no benchmark is named {only}; there are {', '.join(names)}")
    rows: list[Row] = []
    for module in modules:
        if only is None or only in module.NAMES:
            rows += module.rows()
    found = [{**vars(row), "ratio": row.ratio} for row in rows if only in (None, row.name)]
    Path("bench.json").write_text(json.dumps(found, indent=2) + "\n")
    show(found)


def show(found: list[dict]) -> None:
    table = Table(title=f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores; ratio is ours / peer")
    for heading in ("name", "ours", "peer", "ratio", "unit", "goal", "note"):
        table.add_column(heading, justify="right" if heading in ("ours", "peer", "ratio") else "left")
    for row in found:
        numbers = (f"{row[key]:.4g}" for key in ("ours", "peer", "ratio"))
        table.add_row(row["name"], *numbers, row["unit"], row["goal"], row["note"])
    Console().print(table)


if __name__ == "__main__":
    main()
