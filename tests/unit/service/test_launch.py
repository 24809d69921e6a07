"""What a job's process does around the run itself."""

import tempfile
from pathlib import Path
from typing import Any

import pytest

from service import launch
from trainers import run as training


def test_temporary_files_of_a_run_lie_in_its_folder_and_go_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch, before = tmp_path / "job/scratch", tempfile.gettempdir()
    (scratch / "of an attempt that was killed").mkdir(parents=True)
    seen: list[Path] = []

    def train(run: Any, emit: Any) -> None:
        seen.extend([Path(tempfile.mkdtemp()), *scratch.iterdir()])
        raise ValueError("no rows")

    monkeypatch.setattr(training, "TrainingRun", lambda **run: run)
    monkeypatch.setattr(training, "train", train)
    with pytest.raises(ValueError, match="no rows"):
        launch.train({"output": tmp_path / "job"}, print)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    assert seen[0].parent == scratch
    assert not scratch.exists()
    assert tempfile.gettempdir() == before


def test_no_two_tenants_share_a_name() -> None:
    tenants = ("a", "a+b", "a.b", "a/b", "a%2Fb", "a:b")
    names = {launch.namespace(tenant) + name for tenant in tenants for name in ("x", "b+x", "b.x")}
    assert len(names) == 3 * len(tenants)
    assert not any(set("/:'") & set(name) for name in names), "MLflow refuses these"
