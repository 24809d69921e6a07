"""Programs that have a Ray of their own, since they kill parts of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROGRAMS = ROOT / "tests/integration/programs"


def told(program: str, folder: Path, **settings: str) -> Any:
    """Runs a program of ``tests/integration/programs`` in a folder and returns the JSON of its last line."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **settings}
    command = [sys.executable, PROGRAMS / program, folder]
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
