"""Callers known by a JWT of an OpenID Connect provider."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.request import urlopen

import jwt

from service.doors.callers import Caller, Role, Unauthenticated

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")  # no shared secrets
LEEWAY_S = 30  # clocks differ
TIMEOUT_S = 5


@dataclass(frozen=True)
class Provider:
    """An OpenID Connect provider, and where its tokens say what we ask.

    Attributes:
        issuer: URL; its discovery document names its keys.
        audience: What tokens must be made out for.
        tenant_claim: Claim with the tenant.
        role_claim: Claim with a role or a list that holds one; names that are no roles are passed over.
    """

    issuer: str
    audience: str
    tenant_claim: str = "tenant"
    role_claim: str = "roles"


class Tokens:
    """Checks JWTs of one provider. Its keys are fetched with the first token and again when a token names an unknown one."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._keys: jwt.PyJWKClient | None = None

    def by_token(self, token: str) -> Caller:
        """The caller that a JWT speaks of. It may wait for the provider.

        Raises:
            Unauthenticated: It is not a valid one for this service, or it names no tenant or role.
        """
        issuer = self._provider.issuer
        try:
            key = self._client().get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key.key,
                algorithms=ALGORITHMS,
                audience=self._provider.audience,
                issuer=issuer,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.PyJWKClientConnectionError:
            raise Unauthenticated(f"the keys of {issuer} cannot be fetched; call again later") from None
        except (jwt.PyJWTError, OSError, ValueError) as error:
            raise Unauthenticated(f"the token is not valid: {error}; get a new one from {issuer}") from None
        return self._caller(claims)

    def _client(self) -> jwt.PyJWKClient:
        if self._keys is None:
            with urlopen(
                f"{self._provider.issuer.rstrip('/')}/.well-known/openid-configuration", timeout=TIMEOUT_S
            ) as answer:
                self._keys = jwt.PyJWKClient(json.load(answer)["jwks_uri"], timeout=TIMEOUT_S)
        return self._keys

    def _caller(self, claims: Mapping[str, Any]) -> Caller:
        tenant, given = claims.get(self._provider.tenant_claim), claims.get(self._provider.role_claim, ())
        names: Sequence[Any] = [given] if isinstance(given, str) else given if isinstance(given, list) else ()
        roles = [role for role in Role if role.value in names]
        if not isinstance(tenant, str) or not tenant:
            raise Unauthenticated(f"the token has no claim {self._provider.tenant_claim!r} with a tenant")
        if not roles:
            allowed = ", ".join(Role)
            raise Unauthenticated(f"the token's claim {self._provider.role_claim!r} holds none of {allowed}")
        return Caller(str(claims["sub"]), tenant, max(roles, key=lambda role: role.rank))
