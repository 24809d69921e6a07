"""What the doctor makes of what it sees."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from cluster.inspection import Look, Versions
from service.health import doctor
from service.health.doctor import Check, Verdict
from service.jobs.quotas import Quotas
from service.jobs.store import Store

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "verdict"), [(-1, Verdict.WRONG), (29, Verdict.WARNING), (31, Verdict.OK)]
)  # fmt: skip
def test_a_certificate_is_to_be_renewed_in_time(tmp_path: Path, days: int, verdict: Verdict) -> None:
    issued = trustme.CA().issue_cert("localhost", not_after=NOW + timedelta(days=days))
    path = tmp_path / "cert.pem"
    path.write_bytes(issued.cert_chain_pems[0].bytes())
    (check,) = doctor.certificate(path, NOW)
    assert (check.verdict, bool(check.mend)) == (verdict, verdict is not Verdict.OK)
    assert f"{NOW + timedelta(days=days):%Y-%m-%d}" in check.found
    assert list(doctor.certificate(None, NOW)) == []


@pytest.mark.parametrize(
    ("seen", "verdict", "told"),
    [
        (Look("10.0.0.2", shares=True, clock_off_s=1), Verdict.OK, "shares"),
        (Look("10.0.0.2", fault="out of memory"), Verdict.WRONG, "out of memory"),
        (Look("10.0.0.2", versions=Versions("2.1.0", "3.11"), shares=True), Verdict.WRONG, "Ray 2.1.0 and Python 3.11"),
        (Look("10.0.0.2", shares=False), Verdict.WRONG, "does not write"),
        (Look("10.0.0.2", shares=True, clock_off_s=30), Verdict.WARNING, "30 s"),
    ],
)
def test_each_node_is_told_of(seen: Look, verdict: Verdict, told: str) -> None:
    (check,) = doctor.nodes([seen])
    assert (check.name, check.verdict) == ("node 10.0.0.2", verdict)
    assert told in check.found


def test_a_cluster_without_nodes_or_doors_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [check.verdict for check in doctor.nodes([])] == [Verdict.WRONG]
    assert doctor.cluster("127.0.0.1:1").verdict is Verdict.WRONG
    monkeypatch.setattr(doctor.probes, "ray", lambda address: None)
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    assert "RAY_AUTH_MODE=token" in doctor.cluster("10.0.0.1:6379").mend
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    assert doctor.cluster("10.0.0.1:6379").verdict is Verdict.OK


def test_tables_of_another_version_are_told_of(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    current, newest = store.revisions()
    store.close()
    assert doctor.migrations(current, newest).verdict is Verdict.OK
    assert "not at 9999" in doctor.migrations(current, "9999").found


def test_a_database_is_named_without_its_password(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    check = doctor.database(store, "postgresql://me:hunter2@db/jobs")
    store.close()
    assert check.found == "postgresql://me:***@db/jobs answers"


def test_a_file_that_cannot_be_read_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "quotas.yaml"
    path.write_text("default: {running_jobs: -1}")
    (check,) = doctor.file_of("quotas", path, Quotas)
    assert check.verdict is Verdict.WRONG
    assert "default.running_jobs" in check.found


async def test_a_check_that_hangs_or_breaks_is_one_that_found_something_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "PATIENCE_S", 0.01)
    goes_on = threading.Event()

    def hangs() -> list[Check]:
        goes_on.wait()
        return []

    def breaks() -> list[Check]:
        raise RuntimeError("no such table")

    async def told(check: Callable[[], list[Check]]) -> str:
        (found,) = await doctor._examined("x", check)
        assert found.verdict is Verdict.WRONG
        return found.found

    assert "does not answer" in await told(hangs)
    goes_on.set()
    monkeypatch.setattr(doctor, "PATIENCE_S", 20)
    assert await told(breaks) == "RuntimeError: no such table"
