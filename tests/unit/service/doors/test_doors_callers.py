"""Who is let in: tokens and certificates of a file, tokens of a provider, and for what."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import jwt
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric import rsa

from service.api import requests
from service.doors import tokens
from service.doors.callers import Caller, PermissionDenied, Role, TooManyCalls, Unauthenticated
from service.doors.door import ANYONE, TENANT, Door, Knock
from service.doors.limits import Limits
from service.doors.oidc import Provider, Tokens
from service.doors.rules import RULES
from service.doors.tokens import TokenFile
from service.jobs.errors import JobNotFound
from trainwright.v1 import admin_service_pb2 as admin_pb
from trainwright.v1 import dataset_service_pb2 as datasets_pb
from trainwright.v1 import training_service_pb2 as pb

SECRET = "a-long-and-random-token"
KEY, OTHER_KEY = (rsa.generate_private_key(65537, 2048) for _ in range(2))
TENANTS = {"mine": "press", "theirs": "paint"}


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def listed(path: Path, *entries: dict[str, Any]) -> TokenFile:
    path.write_text(yaml.safe_dump({"callers": list(entries)}))
    return TokenFile(path)


def entry(**changes: Any) -> dict[str, Any]:
    return {"name": "line", "tenant": "press", "role": "submitter", "token_sha256": digest(SECRET)} | changes


def test_a_token_is_known_by_its_digest_alone(tmp_path: Path) -> None:
    callers = listed(tmp_path / "c.yaml", entry())
    assert SECRET not in (tmp_path / "c.yaml").read_text()
    assert callers.by_token(SECRET) == Caller("line", "press", Role.SUBMITTER)
    with pytest.raises(Unauthenticated, match="not known"):
        callers.by_token(digest(SECRET))


def test_a_token_is_rotated_while_the_service_runs(tmp_path: Path) -> None:
    callers = listed(tmp_path / "c.yaml", entry())
    listed(tmp_path / "c.yaml", entry(), entry(token_sha256=digest("new")))
    assert callers.by_token("new") == callers.by_token(SECRET)
    listed(tmp_path / "c.yaml", entry(token_sha256=digest("new")))
    assert callers.by_token("new").name == "line"
    with pytest.raises(Unauthenticated):
        callers.by_token(SECRET)


def test_a_file_broken_while_the_service_runs_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    callers = listed(tmp_path / "c.yaml", entry())
    (tmp_path / "c.yaml").write_text("callers: [{name: x}]")
    assert callers.by_token(SECRET).name == "line"
    assert "callers.0.role" in caplog.text


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (entry(role="king"), "role"),
        (entry(token_sha256="abc"), "token_sha256"),
        (entry(certificate="x"), "either token_sha256 or certificate"),
        (entry(tenant="../x"), "tenant"),
    ],
)
def test_a_wrong_file_is_refused_at_the_start_without_telling_digests(tmp_path: Path, wrong: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told) as caught:
        listed(tmp_path / "c.yaml", wrong)
    assert digest(SECRET) not in str(caught.value)
    with pytest.raises(ValueError, match="cannot be read"):
        TokenFile(tmp_path / "gone.yaml")


def test_tokens_and_certificates_expire(tmp_path: Path) -> None:
    past, future = (datetime.now(UTC) + timedelta(days=days) for days in (-1, 1))
    gate = {"name": "gate", "role": "viewer", "certificate": "gate.plant"}
    callers = listed(tmp_path / "c.yaml", entry(expires=past), {**gate, "expires": future})
    with pytest.raises(Unauthenticated, match="expired"):
        callers.by_token(SECRET)
    assert callers.by_certificate("gate.plant") == Caller("gate", "default", Role.VIEWER)


def test_the_program_makes_a_token_and_its_entry(
    capsys: pytest.CaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["trainwright-token", "line-7", "--tenant", "press", "--role", "viewer"])
    tokens.main()
    out, err = capsys.readouterr()
    [made] = yaml.safe_load(out)
    token = err.rpartition(": ")[2].strip()
    assert made == {"name": "line-7", "tenant": "press", "role": "viewer", "token_sha256": digest(token)}
    assert token not in out


class KeyServer(BaseHTTPRequestHandler):
    """An OpenID Connect provider's discovery document and keys."""

    def do_GET(self) -> None:
        base = f"http://127.0.0.1:{self.server.server_address[1]}"
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key()))
        answers = {
            "/.well-known/openid-configuration": {"jwks_uri": f"{base}/keys"},
            "/keys": {"keys": [{**public, "kid": "k1", "use": "sig", "alg": "RS256"}]},
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answers[self.path]).encode())

    def log_message(self, *arguments: Any) -> None:
        pass


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), KeyServer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def signed(issuer: str, key: Any = KEY, **claims: Any) -> str:
    expires = datetime.now(UTC) + timedelta(hours=1)
    body = {"iss": issuer, "aud": "trainwright", "sub": "u1", "tenant": "press", "roles": ["x", "viewer", "operator"]}
    return jwt.encode({**body, "exp": expires, **claims}, key, algorithm="RS256", headers={"kid": "k1"})


def test_a_providers_token_speaks_for_its_caller(issuer: str) -> None:
    provider = Tokens(Provider(issuer, "trainwright"))
    assert provider.by_token(signed(issuer)) == Caller("u1", "press", Role.OPERATOR)
    assert provider.by_token(signed(issuer, roles="viewer")).role is Role.VIEWER


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"exp": datetime(2020, 1, 1, tzinfo=UTC)}, "expired"),
        ({"aud": "other"}, "[Aa]udience"),
        ({"iss": "http://other"}, "[Ii]ssuer"),
        ({"tenant": None}, "'tenant'"),
        ({"roles": ["king"]}, "none of viewer"),
        ({"key": OTHER_KEY}, "[Ss]ignature"),
    ],
)
def test_a_token_that_is_not_for_us_is_refused(issuer: str, claims: dict[str, Any], told: str) -> None:
    with pytest.raises(Unauthenticated, match=told):
        Tokens(Provider(issuer, "trainwright")).by_token(signed(issuer, **claims))


def test_a_token_without_signature_or_with_a_shared_secret_is_refused(issuer: str) -> None:
    provider, body = (
        Tokens(Provider(issuer, "trainwright")),
        jwt.decode(signed(issuer), options={"verify_signature": False}),
    )
    for token in (
        jwt.encode(body, None, algorithm="none", headers={"kid": "k1"}),
        jwt.encode(body, "a" * 32, algorithm="HS256", headers={"kid": "k1"}),
        "a.b.c",
    ):
        with pytest.raises(Unauthenticated, match="not valid"):
            provider.by_token(token)


def test_a_provider_that_is_away_lets_nobody_in() -> None:
    with pytest.raises(Unauthenticated):
        Tokens(Provider("http://127.0.0.1:9", "trainwright")).by_token("a.b.c")


def door(*callers: dict[str, Any], folder: Path, rate: int = 10_000) -> Door:
    return Door(listed(folder / "c.yaml", *callers), None, Limits(rate, rate), TENANTS.get)


def knock(method: str = "ListTrainingJobs", token: str | None = SECRET, request: Any = None, **metadata: str) -> Knock:
    given = {"authorization": f"Bearer {token}"} if token else {}
    return Knock(method, given | metadata, "ipv4:10.0.0.1:50", "", request)


def test_rules_are_total_over_the_calls() -> None:
    methods = pb.DESCRIPTOR.services_by_name["TrainingService"].methods
    more = datasets_pb.DESCRIPTOR.services_by_name["DatasetService"].methods
    admin = admin_pb.DESCRIPTOR.services_by_name["AdminService"].methods
    assert set(RULES) == {method.name for method in (*methods, *more, *admin)}


def test_every_field_that_names_a_job_is_in_the_rules() -> None:
    for model in requests.Request.__subclasses__():
        naming = {name for name, info in model.model_fields.items() if "trainingJobs" in repr(_checks(info))}
        assert naming == set(RULES[model.__name__].jobs), model.__name__


def _checks(info: Any) -> Any:
    """What a field's name check knows: its prefix is in the closure."""
    found = [info.annotation, *info.metadata]
    inner = [a for each in found for a in getattr(each, "__args__", ())]
    inner += [m for each in inner for m in getattr(each, "__metadata__", ())]
    functions = [m.func for m in (*found, *inner) if hasattr(m, "func")]
    return [cell.cell_contents for f in functions for cell in (f.__closure__ or ())]


@pytest.mark.parametrize("method", RULES)
@pytest.mark.parametrize("role", Role)
async def test_the_matrix_of_roles_and_calls(tmp_path: Path, method: str, role: Role) -> None:
    entrance = door(entry(role=role.value), folder=tmp_path)
    for tenant_of_job in ("mine", "theirs"):
        request = _asking(method, tenant_of_job)
        call = entrance.enter(knock(method, request=request))
        if role.rank < RULES[method].role.rank:
            with pytest.raises(PermissionDenied, match=f"{method} needs the role {RULES[method].role}"):
                await call
        elif RULES[method].jobs and tenant_of_job == "theirs":
            with pytest.raises(JobNotFound):
                await call
        else:
            assert (await call).role is role


def _asking(method: str, job: str) -> Any:
    name = f"{method}Request"
    made = next(getattr(each, name) for each in (pb, datasets_pb, admin_pb) if hasattr(each, name))()
    for field in RULES[method].jobs:
        name = f"trainingJobs/{job}"
        if made.DESCRIPTOR.fields_by_name[field].is_repeated:
            getattr(made, field).extend(["trainingJobs/mine", name])
        else:
            setattr(made, field, name)
    return made


async def test_an_admin_acts_in_another_tenant_when_it_says_so(tmp_path: Path) -> None:
    entrance = door(entry(role="admin"), entry(name="op", role="operator", token_sha256=digest("op")), folder=tmp_path)
    theirs = _asking("GetTrainingJob", "theirs")
    acting = await entrance.enter(knock("GetTrainingJob", request=theirs, **{TENANT: "paint"}))
    assert (acting.tenant, acting.name) == ("paint", "line")
    with pytest.raises(JobNotFound):
        await entrance.enter(knock("GetTrainingJob", request=theirs))
    with pytest.raises(PermissionDenied, match="only an admin"):
        await entrance.enter(knock(token="op", **{TENANT: "paint"}))


async def test_without_proof_nobody_enters(tmp_path: Path) -> None:
    entrance = door(entry(), folder=tmp_path)
    for wrong in (knock(token=None), knock(token="x"), knock(token=None, authorization=f"Basic {SECRET}")):
        with pytest.raises(Unauthenticated):
            await entrance.enter(wrong)


async def test_an_open_door_makes_everyone_an_admin_of_the_default_tenant() -> None:
    assert await Door(None, None, Limits(10, 10), TENANTS.get).enter(knock(token=None)) == ANYONE


async def test_who_calls_too_often_waits_and_others_do_not(tmp_path: Path) -> None:
    other = entry(name="o", tenant="paint", token_sha256=digest("other"))
    entrance = Door(listed(tmp_path / "c.yaml", entry(), other), None, Limits(1000, 3), TENANTS.get)
    with pytest.raises(TooManyCalls, match="tenant press may make 3 calls a second") as caught:
        await _often(entrance, knock())
    assert 0 < caught.value.retry_s <= 1
    assert (await entrance.enter(knock(token="other"))).tenant == "paint"
    crowd = Door(None, None, Limits(3, 1000), TENANTS.get)
    with pytest.raises(TooManyCalls, match=r"callers at ipv4:10\.0\.0\.1"):
        await _often(crowd, knock(token=None))


async def _often(entrance: Door, call: Knock) -> None:
    for _ in range(7):  # more than in two windows of a second
        await entrance.enter(call)
