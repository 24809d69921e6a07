"""What a job asks for, on a real cluster of a head, a CPU node and a GPU node."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).parent / "programs" / "placement.py"


@pytest.mark.slow
def test_work_goes_where_it_belongs_and_waits_where_it_must(tmp_path):
    done = subprocess.run(
        [sys.executable, PROGRAM, tmp_path, ROOT / "cluster" / "deploy" / "nodes.yaml"],
        capture_output=True,
        text=True,
        timeout=280,
        env={**os.environ, "PYTHONPATH": str(ROOT), "RAY_raylet_start_wait_time_s": "120"},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "most": 2,
        "started": 2,
        "off_the_gpu": True,
        "pending": [["1 x {CPU: 1}"], []],
        "gpu": True,
        "leads": True,
        "before": ["trial_cpus"],
        "after": [],
        "never": ["trial_cpus"],
    }
