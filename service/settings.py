"""What an operator may set. Sources, strongest first: command line, environment (TRAINWRIGHT_...), a YAML or TOML file."""

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
    YamlConfigSettingsSource,
)

Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().resolve())]


def _folders(roots: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(root if "://" in root else str(Path(root).expanduser().resolve()) for root in roots)


class Settings(BaseSettings):
    """Settings of one service; every default works on one machine without anything else installed.

    The file is the one named by TRAINWRIGHT_CONFIG, else ``trainwright.yaml`` in the working folder where there is one.
    """

    model_config = SettingsConfigDict(
        env_prefix="TRAINWRIGHT_", frozen=True, extra="forbid", validate_default=True, cli_kebab_case=True
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(50151, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    insecure_bind: bool = Field(False, description="Listen to other machines without TLS and tokens.")
    state: Folder = Field(Path("state"), description="Folder for everything the service keeps.")
    database_url: str = Field(
        default_factory=lambda given: f"sqlite:///{given['state']}/trainwright.db",
        description="SQLAlchemy URL of the jobs database. Default: SQLite in the state folder.",
    )
    tracking_uri: str = Field(
        default_factory=lambda given: f"sqlite:///{given['state']}/mlflow.db",
        description="MLflow tracking server. Default: SQLite in the state folder.",
    )
    ray_address: str | None = Field(
        default_factory=lambda: os.environ.get("RAY_ADDRESS"),
        description="Ray cluster. Default: RAY_ADDRESS, else a local Ray that the service starts.",
    )
    ray_cpus: int | None = Field(None, ge=1, description="CPUs of the local Ray. Default: all.")
    warm_workers: int = Field(
        3, ge=0, description="Worker processes kept ready on each node, about 200 MB each, so that jobs start sooner."
    )
    data_roots: Annotated[tuple[str, ...], AfterValidator(_folders)] = Field(
        (".",), description="Folders and URI prefixes that data may be read from; uploads always may."
    )
    max_upload_bytes: int = Field(2 << 30, ge=1, description="Largest dataset that may be uploaded.")
    max_message_bytes: int = Field(64 << 20, ge=4 << 20, description="Largest gRPC message.")
    max_running_jobs: int = Field(4, ge=1, description="Jobs that run at once; further ones are queued.")
    grace_s: float = Field(10.0, ge=0, description="Seconds that calls in progress get when the service stops.")

    @model_validator(mode="after")
    def _stay_on_this_machine(self) -> Self:
        if not self.insecure_bind and not _is_loopback(self.host):
            raise ValueError(
                f"host {self.host} can be reached from other machines, and this service checks no caller; keep 127.0.0.1"
                " and reach it through a tunnel or a proxy that does, or set insecure_bind where the network itself is trusted"
            )
        return self

    @property
    def datasets(self) -> Path:
        """Folder of uploaded tables."""
        return self.state / "datasets"

    @property
    def jobs(self) -> Path:
        """Folder with one folder a job."""
        return self.state / "jobs"

    @property
    def tensorboard(self) -> Path:
        """Folder of loss curves."""
        return self.state / "tensorboard"

    @property
    def openings(self) -> Path:
        """Folder that tells which test rows have been opened, by whom."""
        return self.state / "openings"

    @property
    def roots(self) -> tuple[str, ...]:
        """Everything that data may lie under."""
        return (*self.data_roots, str(self.datasets))

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Adds the file below the environment."""
        return init_settings, env_settings, _file_source(settings_cls)


def _file_source(settings_cls: type[BaseSettings]) -> PydanticBaseSettingsSource:
    named = os.environ.get("TRAINWRIGHT_CONFIG")
    path = Path(named or "trainwright.yaml")
    if named and not path.is_file():
        raise ValueError(f"TRAINWRIGHT_CONFIG names {named}, which is no file; correct it or unset it")
    source: Any = TomlConfigSettingsSource if path.suffix == ".toml" else YamlConfigSettingsSource
    return source(settings_cls, path)  # type: ignore[no-any-return]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
