"""Callers known by a token or a client certificate, listed in a file that may change while the service runs.

    callers:
      - {name: press-line, tenant: press-shop, role: submitter, token_sha256: 9f86d0…, expires: 2027-01-31}
      - {name: gateway, tenant: press-shop, role: viewer, certificate: gateway.plant.example}

Tokens are long and random, so their plain SHA-256 tells nothing of them. To rotate one, list the new beside the old, hand it
out, then take the old one away. ``trainwright-token`` makes a token and its entry.
"""

import argparse
import hashlib
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from service.doors.callers import Caller, Role, Unauthenticated
from service.watched import Watched


def _in_utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


class Entry(BaseModel, frozen=True, extra="forbid"):
    """One way in."""

    name: str = Field(min_length=1, max_length=255)
    tenant: str = Field("default", pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")
    role: Role
    token_sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    certificate: str | None = Field(None, min_length=1)
    expires: Annotated[datetime, AfterValidator(_in_utc)] | None = None

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.token_sha256 is None) == (self.certificate is None):
            raise ValueError("give either token_sha256 or certificate")
        return self

    @property
    def caller(self) -> Caller:
        """Who it lets in."""
        return Caller(self.name, self.tenant, self.role)


class _File(BaseModel, frozen=True, extra="forbid"):
    callers: tuple[Entry, ...]


class TokenFile:
    """The callers of a file that may change while the service runs.

    Args:
        path: YAML.

    Raises:
        ValueError: The file cannot be read at the start.
    """

    def __init__(self, path: Path) -> None:
        self._file = Watched(path, _File, "callers")

    def by_token(self, token: str) -> Caller:
        """The caller whose token this is.

        Raises:
            Unauthenticated: Nobody's, or it has expired.
        """
        digest = hashlib.sha256(token.encode()).hexdigest()
        # compare_digest, though digests of random tokens: that the time tells nothing need not be argued
        found = [
            e for e in self._file.current().callers if e.token_sha256 and secrets.compare_digest(e.token_sha256, digest)
        ]
        return _valid(found, "the token is not known; ask the operator for a new one")

    def by_certificate(self, name: str) -> Caller:
        """The caller whose client certificate has this common name.

        Raises:
            Unauthenticated: Nobody's, or it has expired.
        """
        found = [e for e in self._file.current().callers if e.certificate == name]
        return _valid(found, f"the client certificate {name!r} is not known; ask the operator to list it")


def _valid(found: list[Entry], unknown: str) -> Caller:
    for entry in found:
        if entry.expires is None or datetime.now(UTC) < entry.expires:
            return entry.caller
    if found:
        raise Unauthenticated("the token or certificate has expired; ask the operator for a new one")
    raise Unauthenticated(unknown)


def main() -> None:
    """Makes a token: ``trainwright-token NAME --tenant T --role R``. The token itself is nowhere kept."""
    parser = argparse.ArgumentParser(
        prog="trainwright-token", description="Makes a token and its entry for the callers' file."
    )
    parser.add_argument("name", help="who will use it, for the audit log")
    parser.add_argument("--tenant", default="default")
    parser.add_argument("--role", choices=list(Role), default=Role.SUBMITTER)
    parser.add_argument("--expires", help="RFC 3339 time; by default never")
    options = parser.parse_args()
    token = secrets.token_urlsafe(32)
    values = {**vars(options), "role": str(options.role), "token_sha256": hashlib.sha256(token.encode()).hexdigest()}
    try:
        entry = Entry.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        sys.exit("\n".join(f"trainwright-token: {e['loc'][0]}: {e['msg']}" for e in error.errors()))
    print(f"token, shown this once: {token}", file=sys.stderr)
    print(yaml.safe_dump([entry.model_dump(mode="json", exclude_none=True)], sort_keys=False), end="")
