"""Who may do what where, written out: every role at every call, in its own tenant, against another's, and acting for it."""

import hashlib
import importlib
import pkgutil
from collections.abc import Iterator
from itertools import count
from types import SimpleNamespace

import grpc
import pytest
import yaml
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from service.jobs.records import NewJob
from service.jobs.states import State
from service.jobs.store import Store
from tests.serving import start_service, stop_service
from trainwright import v1

ROLES = ("viewer", "submitter", "operator", "admin")
PLACES = ("own", "other", "acting")
# ok: it gets through. no: its role forbids it. hid: it is told that there is no such thing. own: it gets through, and neither
# sees nor touches anything of the other tenant's. In order of ROLES.
MATRIX = {
    #                        in the tenant whose it is    from another tenant      from another, naming that tenant
    "CreateTrainingJob":   ("no  ok  ok  ok ",           "no  own own own",       "no  no  no  ok "),
    "GetTrainingJob":      ("ok  ok  ok  ok ",           "hid hid hid hid",       "no  no  no  ok "),
    "ListTrainingJobs":    ("ok  ok  ok  ok ",           "own own own own",       "no  no  no  ok "),
    "CancelTrainingJob":   ("no  ok  ok  ok ",           "no  hid hid hid",       "no  no  no  ok "),
    "RerunTrainingJob":    ("no  ok  ok  ok ",           "no  hid hid hid",       "no  no  no  ok "),
    "AdoptTrainingJob":    ("no  ok  ok  ok ",           "no  own own own",       "no  no  no  ok "),
    "CompareTrainingJobs": ("ok  ok  ok  ok ",           "hid hid hid hid",       "no  no  no  ok "),
    "DeleteTrainingJob":   ("no  no  ok  ok ",           "no  no  hid hid",       "no  no  no  ok "),
    "WatchTrainingJob":    ("ok  ok  ok  ok ",           "hid hid hid hid",       "no  no  no  ok "),
    "ReadLogs":            ("ok  ok  ok  ok ",           "hid hid hid hid",       "no  no  no  ok "),
    "ListTrials":          ("ok  ok  ok  ok ",           "hid hid hid hid",       "no  no  no  ok "),
    "UploadDataset":       ("no  ok  ok  ok ",           "no  own own own",       "no  no  no  ok "),
    "GetDataset":          ("ok  ok  ok  ok ",           "hid hid hid hid",       "no  no  no  ok "),
    "ListDatasets":        ("ok  ok  ok  ok ",           "own own own own",       "no  no  no  ok "),
    "DeleteDataset":       ("no  no  ok  ok ",           "no  no  hid hid",       "no  no  no  ok "),
    "GetQueue":            ("no  no  no  ok ",           "no  no  no  ok ",       "no  no  no  ok "),
    "Diagnose":            ("no  no  no  ok ",           "no  no  no  ok ",       "no  no  no  ok "),
    "ListTenants":         ("no  no  no  ok ",           "no  no  no  ok ",       "no  no  no  ok "),
    "DrainReplica":        ("no  no  no  ok ",           "no  no  no  ok ",       "no  no  no  ok "),
}  # fmt: skip
METHODS = [
    method
    for module in pkgutil.iter_modules(v1.__path__) if module.name.endswith("_pb2")
    for service in importlib.import_module(f"{v1.__name__}.{module.name}").DESCRIPTOR.services_by_name.values()
    for method in service.methods
]  # fmt: skip


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A service with a caller of each role in two tenants, and things of the press shop: each is named once."""
    folder = tmp_path_factory.mktemp("matrix") / "work"
    folder.mkdir()
    tenants = {"own": "press", "other": "paint", "acting": "paint"}
    entries = [
        {"name": f"{tenant}-{role}", "tenant": tenant, "role": role, "token_sha256": digest(f"{tenant}-{role}")}
        for tenant in ("press", "paint") for role in ROLES
    ]  # fmt: skip
    (folder / "callers.yaml").write_text(yaml.safe_dump({"callers": entries}))
    store = Store(f"sqlite:///{folder}/state/trainwright.db")
    jobs, datasets = [made_job(store) for _ in range(150)], [made_dataset(store, number) for number in range(50)]
    store.close()
    started = start_service(folder, callers=folder / "callers.yaml", ray_cpus=1, warm_workers=0)
    yield SimpleNamespace(
        channel=started.channel,
        tenants=tenants,
        things={"TrainingService": iter(jobs), "DatasetService": iter(datasets)},
    )
    assert stop_service(started) == 0


def made_job(store: Store) -> str:
    """A job that has ended, with a table that is no longer there."""
    new = NewJob(spec={"decision": "d", "data": {"uri": "gone.csv", "target": "bad"}}, tenant="press")
    job, _ = store.create(new, "/nowhere")
    store.move(job.id, State.QUEUED, State.CANCELLED)
    return f"trainingJobs/{job.id}"


def made_dataset(store: Store, number: int) -> str:
    made = store.datasets.add(
        "press", digest=digest(f"press {number}"), display_name="d", size_bytes=1, rows=1, columns=()
    )
    return f"datasets/{made.digest}"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def test_the_matrix_has_every_call() -> None:
    assert {method.name for method in METHODS} <= set(MATRIX)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
def test_each_role_gets_what_the_matrix_says(plant: SimpleNamespace, method) -> None:
    found = {
        place: [outcome(plant, method, f"{plant.tenants[place]}-{role}", place) for role in ROLES] for place in PLACES
    }
    assert found == {place: cells.split() for place, cells in zip(PLACES, MATRIX[method.name], strict=True)}


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
@pytest.mark.parametrize("token", [None, "", "guessed", "press-admin "], ids=repr)
def test_without_a_known_token_nothing_is_answered(plant: SimpleNamespace, method, token: str | None) -> None:
    with pytest.raises(grpc.RpcError) as caught:
        call(plant, method, request(method, None), token)
    assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED


def outcome(plant: SimpleNamespace, method, token: str, place: str) -> str:
    thing = next(plant.things.get(method.containing_service.name, count()))
    acting = {"x-trainwright-tenant": "press"} if place == "acting" else {}
    try:
        answers = call(plant, method, request(method, thing), token, **acting)
    except grpc.RpcError as error:
        names = {
            "PERMISSION_DENIED": "no",
            "NOT_FOUND": "hid",
            "INTERNAL": "broken",
            "UNKNOWN": "broken",
            "UNIMPLEMENTED": "broken",
        }
        return names.get(error.code().name, through(method, place))
    shown = b"".join(answer.SerializeToString() for answer in answers)
    if through(method, place) == "own":
        assert b"trainingJobs/" not in shown
        assert b"datasets/" not in shown
    return through(method, place)


def through(method, place: str) -> str:
    """What it is called to get through: calls that name nothing stay in the caller's tenant, those of operators know none."""
    return "own" if place == "other" and method.containing_service.name != "AdminService" else "ok"


def request(method, thing: object) -> Message:
    """A request that names a thing, and is otherwise empty: whoever gets through changes little or nothing."""
    made = GetMessageClass(method.input_type)()
    for field in method.input_type.fields:
        if field.name in ("name", "parent") and thing:
            setattr(made, field.name, thing)
        elif field.name == "names" and thing:
            getattr(made, field.name).extend([thing, thing])
    return made


def call(plant: SimpleNamespace, method, message: Message, token: str | None, **metadata: str) -> list[Message]:
    kind = ("stream" if method.client_streaming else "unary", "stream" if method.server_streaming else "unary")
    path = f"/{method.containing_service.full_name}/{method.name}"
    stub = getattr(plant.channel, "_".join(kind))(
        path, type(message).SerializeToString, GetMessageClass(method.output_type).FromString
    )
    known = {} if token is None else {"authorization": f"Bearer {token}"}
    sent = iter([message]) if method.client_streaming else message
    answer = stub(sent, metadata=[*(known | metadata).items()], timeout=60)
    return [*answer] if method.server_streaming else [answer]
