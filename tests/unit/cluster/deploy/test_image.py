"""The image's recipe and its locks. No engine builds it here."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[4]
IMAGE = ROOT / "cluster" / "deploy" / "image"
LOCKS = ("requirements.lock", "requirements-cuda.lock")
EXTRAS = {"lightgbm", "catboost", "shap", "postgres", "s3", "jobs-api"}


def locked(name: str) -> dict[str, Version]:
    found = re.findall(r"^([a-z0-9._-]+)==(\S+) ", (IMAGE / name).read_text(), re.MULTILINE)
    return {package: Version(version) for package, version in found}


def test_the_recipe_passes_its_linter():
    done = subprocess.run(
        [Path(sys.executable).parent / "hadolint", IMAGE / "Dockerfile"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_exact_versions_with_hashes_and_no_addresses(name):
    text = (IMAGE / name).read_text()
    packages = re.split(r"\n(?=\S)", text.strip())
    assert packages
    assert all(re.match(r"[a-z0-9._-]+==\S+ \\\n    --hash=sha256:[0-9a-f]{64}", package) for package in packages)
    assert not re.search(r"://|^-", text, re.MULTILINE)


def test_the_locks_agree_and_hold_what_the_project_allows():
    common, cuda = (locked(name) for name in LOCKS)
    assert all(common.get(package, version) == version for package, version in cuda.items())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    asked = [*project["dependencies"], *(line for extra in sorted(EXTRAS) for line in extras[extra]), *extras["neural"]]
    wanted = [Requirement(line) for line in asked if not line.startswith("trainwright")]
    have = {**common, **cuda}
    assert [str(each) for each in wanted if have.get(each.name.lower()) not in each.specifier] == []


def test_it_installs_the_extras_that_the_lock_was_made_for():
    assert (
        set(re.findall(r"^\.\[(.*)\]$", (IMAGE / "requirements.in").read_text(), re.MULTILINE)[0].split(",")) == EXTRAS
    )


def test_its_steps_are_those_of_the_makefile():
    """Both install the client and the server from the checkout with uv; the image takes the rest from its lock."""
    recipe, make = (IMAGE / "Dockerfile").read_text(), (ROOT / "Makefile").read_text()
    for step in ("uv pip install", "-e clients/python", "-e ."):
        assert step in recipe
        assert step in make.replace("'", "").replace("clients/python[cli,pandas,yaml]", "clients/python")
    assert re.search(r"^PYTHON \?= python(3\.\d+)$", make, re.MULTILINE)[1] in recipe


def test_what_the_recipe_copies_is_let_through():
    allowed = {
        line[1:] for line in (IMAGE / "Dockerfile.dockerignore").read_text().splitlines() if line.startswith("!")
    }
    assert all((ROOT / path).exists() for path in allowed)
    packages = {"service", "trainers", "tuning", "cluster", "clients/python", "pyproject.toml", "README.md", "LICENSE"}
    assert packages <= allowed
