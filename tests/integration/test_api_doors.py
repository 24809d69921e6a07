"""Two tenants at one service, over mutual TLS: no one in who does not belong, and no one at what is another's."""

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import grpc
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import trustme
import yaml
from mlflow import MlflowClient

from cluster.inspection import Versions
from service.doors.tls import server_credentials
from tests.serving import SMALL_SPEC, start_service, stop_service
from trainwright import TLS, InvalidSpec, Job, NotFound, PermissionDenied, TrainingClient, Unauthenticated, cli
from trainwright.errors import ServiceError

CALLERS = [
    ("press-submitter", "press", "submitter"),
    ("press-viewer", "press", "viewer"),
    ("paint-operator", "paint", "operator"),
    ("root", "ops", "admin"),
]


def callers_file(*callers: tuple[str, str, str]) -> str:
    """Each caller's name is its token."""
    entries = [
        {"name": n, "tenant": t, "role": r, "token_sha256": hashlib.sha256(n.encode()).hexdigest()}
        for n, t, r in callers
    ]
    gateway = {"name": "gateway", "tenant": "press", "role": "viewer", "certificate": "gateway.plant"}
    return yaml.safe_dump({"callers": [*entries, gateway]})


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A service that asks for certificates and tokens; ``client(TOKEN)`` makes a client."""
    folder = tmp_path_factory.mktemp("plant") / "work"
    folder.mkdir()
    ca, key, cert, client_key, client_cert = (folder / f"{name}.pem" for name in ("ca", "key", "cert", "ckey", "ccert"))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca))
    write(authority.issue_cert("127.0.0.1", "localhost"), key, cert)
    write(authority.issue_cert("gateway.plant", common_name="gateway.plant"), client_key, client_cert)
    (folder / "callers.yaml").write_text(callers_file(*CALLERS))
    rows = "\n".join(f"{i % 13},{i % 7},{int((i % 13 > 8) != (i % 5 == 0))}" for i in range(120))
    (folder / "parts.csv").write_text(f"size,weight,bad\n{rows}\n")
    tls = TLS(ca, client_cert, client_key)
    files = {"callers": "callers.yaml", "tls_cert": cert, "tls_key": key, "tls_client_ca": ca}
    started = start_service(folder, tls, ray_cpus=2, warm_workers=0, **files)
    clients: list[TrainingClient] = []

    def client(token: str | None) -> TrainingClient:
        clients.append(TrainingClient(started.target, tls=tls, token=token))
        return clients[-1]

    yield SimpleNamespace(client=client, folder=folder, ca=ca, target=started.target, state=started.state)
    for each in clients:
        each.close()
    assert stop_service(started) == 0


def write(issued: trustme.LeafCert, key: Path, cert: Path) -> None:
    issued.private_key_pem.write_to_path(str(key))
    cert.write_bytes(b"".join(pem.bytes() for pem in issued.cert_chain_pems))


@pytest.fixture(scope="module")
def job(plant: SimpleNamespace) -> Job:
    """A job of the press shop that has succeeded."""
    job = plant.client("press-submitter").submit(SMALL_SPEC, request_id="one")
    job.wait(progress=False)
    return job


@pytest.mark.parametrize("secure", [True, False])
def test_without_a_certificate_no_call_arrives(plant: SimpleNamespace, secure: bool) -> None:
    tls = TLS(plant.ca) if secure else None
    with TrainingClient(plant.target, tls=tls, timeout=2) as stranger, pytest.raises(ServiceError) as caught:
        list(stranger.list())
    assert type(caught.value).__name__ in ("Unavailable", "DeadlineExceeded")


def test_a_listed_certificate_is_enough_and_a_wrong_token_is_not(plant: SimpleNamespace) -> None:
    gateway = plant.client(None)
    list(gateway.list())
    with pytest.raises(PermissionDenied, match="needs the role submitter, and gateway is viewer"):
        gateway.submit(SMALL_SPEC)
    with pytest.raises(Unauthenticated, match="not known"):
        list(plant.client("guessed").list())


def test_the_command_line_shows_its_certificate_and_needs_its_key(plant: SimpleNamespace, capsys: Any) -> None:
    own = ["--certificate", str(plant.folder / "ccert.pem"), "--key", str(plant.folder / "ckey.pem")]
    reached = ["--server", plant.target, "--ca", str(plant.ca), "--token", "root"]
    cli.app([*reached, *own, "list", "-o", "json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out) == []
    with pytest.raises(SystemExit) as caught:
        cli.main([*reached, *own[:2], "list"])
    assert caught.value.code == 2
    assert "give --key as well" in capsys.readouterr().err


def test_the_doctor_says_what_to_mend_by_its_exit_code_too(plant: SimpleNamespace, capsys: Any) -> None:
    def doctor(token: str = "root", ca: Path = plant.ca) -> tuple[int, dict[str, dict[str, str]]]:
        own = ["--certificate", str(plant.folder / "ccert.pem"), "--key", str(plant.folder / "ckey.pem")]
        asked = ["--server", plant.target, "--ca", str(ca), "--token", token, *own, "admin", "doctor", "-o", "json"]
        with pytest.raises(SystemExit) as caught:
            cli.main(asked)
        return caught.value.code, {check["name"]: check for check in json.loads(capsys.readouterr().out)}

    code, found = doctor()
    fine = {"TLS", "server", "clock", "database", "migrations", "ray", "tracking", "certificate", "callers"}
    assert fine <= {name for name, check in found.items() if check["verdict"] == "ok"}, found
    assert [check["found"] for name, check in found.items() if name.startswith("node ")] == [
        f"has {Versions()}, shares the folder of the jobs"
    ]
    assert (code, list((plant.state / "jobs").glob(".*"))) == (0, [])

    code, found = doctor(token="press-viewer")
    assert (code, found["token"]["verdict"]) == (1, "wrong")
    assert "press-viewer is viewer" in found["token"]["found"]

    (plant.folder / "other.pem").write_bytes(trustme.CA().cert_pem.bytes())
    code, found = doctor(ca=plant.folder / "other.pem")
    assert (code, found["TLS"]["verdict"], found["server"]["verdict"]) == (1, "wrong", "wrong")
    assert "certificate verify failed" in found["TLS"]["found"]

    kept = (plant.folder / "callers.yaml").read_text()
    (plant.folder / "callers.yaml").write_text("callers: [{name: x}]")
    code, found = doctor()
    (plant.folder / "callers.yaml").write_text(kept)
    assert (code, found["callers"]["verdict"], found["database"]["verdict"]) == (1, "wrong", "ok")
    assert "role: Field required" in found["callers"]["found"]


def test_a_tenant_sees_its_own_jobs_alone(plant: SimpleNamespace, job: Job) -> None:
    press, paint = plant.client("press-viewer"), plant.client("paint-operator")
    assert [info.id for info in press.list()] == [job.id]
    assert list(paint.list()) == []
    theirs = paint.job(job.id)
    for call in (
        theirs.describe,
        theirs.cancel,
        theirs.rerun,
        theirs.delete,
        lambda: list(theirs.watch()),
        lambda: list(theirs.logs()),
        lambda: list(theirs.trials()),
        lambda: paint.compare(job.id, job.id),
    ):
        with pytest.raises(NotFound, match=job.id):
            call()
    assert press.job(job.id).report()["selected"]["family"]


def test_a_spec_cannot_name_what_is_anothers(plant: SimpleNamespace, job: Job) -> None:
    paint, press = plant.client("paint-operator"), plant.client("press-submitter")
    for field, changes in (
        ("parent", {"parent": job.id}),
        ("search.warm_start_from[0]", {"search": {**SMALL_SPEC["search"], "warm_start_from": [job.id]}}),
    ):
        with pytest.raises(InvalidSpec) as caught:
            paint.plan({**SMALL_SPEC, **changes})
        assert [violation.field for violation in caught.value.violations] == [field]
        assert press.plan({**SMALL_SPEC, **changes}).fits


def test_an_upload_is_its_tenants_own_though_the_content_is_the_same(plant: SimpleNamespace) -> None:
    press, paint = plant.client("press-submitter"), plant.client("paint-operator")
    rows = {"size": [i * 7 % 90 for i in range(90)], "bad": [i % 3 == 0 for i in range(90)]}
    pq.write_table(pa.table(rows), plant.folder / "t.parquet")
    ours = press.datasets.upload(plant.folder / "t.parquet", display_name="ours")
    spec = {**SMALL_SPEC, "data": {"uri": ours.name, "target": "bad"}, "audit": {"acknowledge": ["TARGET_LEAKAGE"]}}
    assert press.plan(spec).fits
    with pytest.raises(InvalidSpec, match="no such dataset"):
        paint.plan(spec)
    with pytest.raises(NotFound):
        paint.datasets.delete(ours.name)
    theirs = paint.datasets.upload(plant.folder / "t.parquet", display_name="theirs")
    assert (theirs.name, [each.display_name for each in paint.datasets.list()]) == (ours.name, ["theirs"])
    paint.datasets.delete(theirs.name)
    assert press.plan(spec).fits


def test_request_ids_are_each_tenants_own(plant: SimpleNamespace, job: Job) -> None:
    theirs = plant.client("paint-operator").submit(SMALL_SPEC, request_id="one")
    assert theirs.id != job.id
    assert plant.client("press-submitter").submit(SMALL_SPEC, request_id="one").id == job.id
    theirs.cancel()
    list(theirs.watch())  # to its end: an open job would keep its Ray
    root = plant.client("root")
    assert list(root.list()) == []
    with pytest.raises(NotFound):
        root.get(job.id)


def test_a_token_taken_away_is_out_at_once_and_changes_are_on_record(plant: SimpleNamespace, job: Job) -> None:
    viewer = plant.client("press-viewer")
    list(viewer.list())
    (plant.folder / "callers.yaml").write_text(callers_file(*(c for c in CALLERS if c[0] != "press-viewer")))
    with pytest.raises(Unauthenticated):
        list(viewer.list())
    told = [json.loads(line) for line in (plant.state / "audit.jsonl").read_text().splitlines()]
    created = next(line for line in told if line["method"] == "CreateTrainingJob" and line["outcome"] == "OK")
    assert (created["caller"], created["tenant"], created["role"]) == ("press-submitter", "press", "submitter")
    assert {"UNAUTHENTICATED", "PERMISSION_DENIED"} <= {line["outcome"] for line in told}
    assert not any(line["method"] == "ListTrainingJobs" and line["outcome"] == "OK" for line in told)


def test_a_renewed_certificate_is_used_for_new_connections(tmp_path: Path) -> None:
    authorities = [trustme.CA(), trustme.CA()]
    key, cert = tmp_path / "key.pem", tmp_path / "cert.pem"
    write(authorities[0].issue_cert("localhost"), key, cert)
    server = grpc.server(ThreadPoolExecutor(1))
    port = server.add_secure_port("localhost:0", server_credentials(cert, key, None))
    server.start()

    def connects(authority: trustme.CA) -> bool:
        credentials = grpc.ssl_channel_credentials(authority.cert_pem.bytes())
        own = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.secure_channel(f"localhost:{port}", credentials, own) as channel:
            try:
                grpc.channel_ready_future(channel).result(timeout=2)
            except grpc.FutureTimeoutError:
                return False
            return True

    assert [connects(each) for each in authorities] == [True, False]
    write(authorities[1].issue_cert("localhost"), key, cert)
    assert [connects(each) for each in authorities] == [False, True]
    server.stop(None)


def test_tenants_share_neither_experiment_nor_registered_model(plant) -> None:
    """MLflow knows no tenants, and both give the same names."""
    spec = SMALL_SPEC | {"tracking": {"experiment": "parts", "register_as": "bad-parts"}}
    jobs = [plant.client(token).submit(spec) for token in ("press-submitter", "paint-operator")]
    for job in jobs:
        job.wait(timeout=240, progress=False)
    reports = [job.report() for job in jobs]
    mlflow = MlflowClient(f"sqlite:///{plant.state}/mlflow.db")
    assert [report["tracking"]["experiment"] for report in reports] == ["press+parts", "paint+parts"]
    assert mlflow.get_experiment_by_name("parts") is None
    for report, tenant in zip(reports, ("press", "paint"), strict=True):
        experiment = mlflow.get_experiment_by_name(f"{tenant}+parts")
        found = mlflow.search_runs([experiment.experiment_id], "tags.`trainwright.job` != ''")
        assert [run.info.run_id for run in found] == [report["tracking"]["run_id"]]
        assert found[0].data.tags["trainwright.tenant"] == tenant
        assert mlflow.get_model_version(f"{tenant}+bad-parts", "1").run_id == found[0].info.run_id
