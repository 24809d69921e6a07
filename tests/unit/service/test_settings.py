from pathlib import Path

import pytest
from pydantic import ValidationError
from pydantic_settings import CliApp

from service.settings import Settings


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("RAY_ADDRESS", "TRAINWRIGHT_CONFIG", "TRAINWRIGHT_PORT", "TRAINWRIGHT_STATE"):
        monkeypatch.delenv(name, raising=False)


def test_defaults_stay_on_this_machine_and_in_the_state_folder(tmp_path: Path) -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.ray_address) == ("127.0.0.1", 50151, None)
    assert settings.state == tmp_path / "state"
    assert settings.database_url == f"sqlite:///{tmp_path}/state/trainwright.db"
    assert settings.tracking_uri == f"sqlite:///{tmp_path}/state/mlflow.db"
    assert settings.roots == (str(tmp_path), str(tmp_path / "state/datasets"))


def test_ray_address_is_taken_from_where_ray_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    assert Settings().ray_address == "10.0.0.1:6379"


@pytest.mark.parametrize(
    ("name", "text"), [("some.yaml", "port: 1\nstate: kept"), ("some.toml", 'port = 1\nstate = "kept"')]
)
def test_command_line_beats_environment_beats_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    monkeypatch.setenv("TRAINWRIGHT_CONFIG", name)
    assert (Settings().port, Settings().state) == (1, tmp_path / "kept")
    monkeypatch.setenv("TRAINWRIGHT_PORT", "2")
    assert (Settings().port, Settings().state) == (2, tmp_path / "kept")
    assert CliApp.run(Settings, cli_args=["--port", "3"]).port == 3


def test_a_file_that_is_named_must_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINWRIGHT_CONFIG", "gone.yaml")
    with pytest.raises(ValueError, match=r"names gone\.yaml, which is no file"):
        Settings()


def test_a_misspelt_setting_in_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "trainwright.yaml").write_text("prot: 1")
    with pytest.raises(ValidationError, match="prot"):
        Settings()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_other_machines_are_let_in_only_by_name(host: str) -> None:
    with pytest.raises(ValidationError, match="no caller is checked"):
        Settings(host=host)
    with pytest.raises(ValidationError, match="no caller is checked"):
        Settings(host=host, insecure_bind=True)
    with pytest.raises(ValidationError, match="in the clear"):
        Settings(host=host, callers="callers.yaml")
    assert Settings(host=host, callers="callers.yaml", insecure_bind=True).host == host
    assert Settings(host=host, oidc_issuer="https://id.example", tls_cert="a.pem", tls_key="b.pem").host == host


def test_half_of_tls_is_refused() -> None:
    with pytest.raises(ValidationError, match="belong together"):
        Settings(tls_cert="a.pem")
    with pytest.raises(ValidationError, match="needs TLS"):
        Settings(tls_client_ca="a.pem")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_this_machine_needs_no_permission(host: str) -> None:
    assert Settings(host=host).host == host


def test_roots_are_full_paths_or_uris(tmp_path: Path) -> None:
    assert Settings(data_roots=("data/../tables", "s3://bucket/x")).data_roots == (
        str(tmp_path / "tables"),
        "s3://bucket/x",
    )


def test_a_password_of_the_tracking_server_is_given_by_reference() -> None:
    with pytest.raises(ValidationError, match="MLFLOW_TRACKING_PASSWORD") as caught:
        Settings(tracking_uri="https://me:hunter2@mlflow:5000")
    assert "hunter2" not in "".join(each["msg"] for each in caught.value.errors())
