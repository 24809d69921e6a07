"""Keeps secrets out of what is written: they are given by reference, and what slips through is struck out."""

import re

_PASSWORD = re.compile(r"(?<=://)([^\s/@:]*):[^\s/@]+@")
_SIGNED = re.compile(
    r"([?&](?:[\w.-]*(?:sig|signature|token|password|passwd|secret)|key|api[_-]?key)=)[^&#\s'\"]+", re.IGNORECASE
)


def redacted(text: str) -> str:
    """The text without the passwords of its URIs, and without the values of parameters that sign or open something."""
    return _SIGNED.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text))


def holds_secret(uri: str) -> bool:
    """Whether a URI carries what should be given by reference."""
    return redacted(uri) != uri
