"""Ray's token authentication, made ready without the user doing anything.

Ray 2.60 turns it on for clusters it starts from a program and leaves it off for ``ray start`` and for a given address; its
mode is read once, at import. Here every local cluster has it on, and a program that has a token uses it.
"""

import os
import secrets
from pathlib import Path

from ray._raylet import Config  # type: ignore[attr-defined]  # as Ray itself has its settings read again after import


def ensure() -> None:
    """Turns authentication on for a cluster that is started now, with a new token where there is none.

    An operator who has set RAY_AUTH_MODE is followed.
    """
    if "RAY_AUTH_MODE" in os.environ:
        return
    if "RAY_AUTH_TOKEN" not in os.environ:
        path = _path()
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _create(path)
        path.chmod(0o600)  # Ray writes its own readable for everyone on the machine
    _enable()


def use_if_available() -> None:
    """Turns authentication on for connecting to a cluster, where this user has a token."""
    if "RAY_AUTH_MODE" not in os.environ and ("RAY_AUTH_TOKEN" in os.environ or _path().is_file()):
        _enable()


def _path() -> Path:
    return Path(os.environ.get("RAY_AUTH_TOKEN_PATH") or Path.home() / ".ray" / "auth_token")


def _create(path: Path) -> None:
    # Written aside and linked into place: two programs that start at once agree on the first one's token.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(secrets.token_hex(32))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _enable() -> None:
    os.environ["RAY_AUTH_MODE"] = "token"
    Config.initialize("")
