"""The structure that the README promises, held by tests."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("service", "trainers", "tuning", "cluster")
SOURCES = sorted(p for name in PACKAGES for p in (ROOT / name).rglob("*.py"))


def test_imports_run_one_way() -> None:
    done = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("text", "home"),
    [("import mlflow", "trainers/tracking.py"), ("ray.init(", "cluster/session.py"), ("ray.tune", "tuning/search.py")],
)
def test_one_file_knows_it(text: str, home: str) -> None:
    users = [str(path.relative_to(ROOT)) for path in SOURCES if text in path.read_text()]
    assert users == [home]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_outgrows_its_room(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400


def test_the_service_starts_without_the_libraries_of_a_run() -> None:
    late = ("mlflow", "ray.tune", "xgboost", "torch", "matplotlib")
    program = f"import sys, service.server; print(*[m for m in {late} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
