import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "import os; from cluster import token; token.{call}(); print(os.environ.get('RAY_AUTH_MODE'))"


def run(call: str, path: Path, **environment: str) -> str:
    """Calls a function of cluster.token in a program of its own: Ray reads the mode once a program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RAY_AUTH")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(call=call)],
        env={**kept, "RAY_AUTH_TOKEN_PATH": str(path), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_a_token_is_made_once_and_for_this_user_only(tmp_path):
    path = tmp_path / "new folder/token"
    assert run("ensure", path) == "token"
    token = path.read_text()
    assert len(token) == 64
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    path.chmod(0o644)
    assert run("ensure", path) == "token"
    assert path.read_text() == token
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_token_is_used_where_there_is_one(tmp_path):
    path = tmp_path / "token"
    assert run("use_if_available", path) == "None"
    path.write_text("0" * 64)
    assert run("use_if_available", path) == "token"


@pytest.mark.parametrize("call", ["ensure", "use_if_available"])
def test_the_operator_is_followed(tmp_path, call):
    path = tmp_path / "token"
    assert run(call, path, RAY_AUTH_MODE="disabled") == "disabled"
    assert not path.exists()
