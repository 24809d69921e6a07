"""What an operator may set. Sources, strongest first: command line, environment (TRAINWRIGHT_...), a YAML or TOML file."""

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
    YamlConfigSettingsSource,
)

from service.logs import LogFormat
from trainers.redaction import holds_secret

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
    tls_cert: Folder | None = Field(None, description="Certificate chain of the service, PEM; turns TLS on.")
    tls_key: Folder | None = Field(None, description="Private key of that certificate, PEM.")
    tls_client_ca: Folder | None = Field(
        None, description="Certificates that sign clients' own, PEM; every client must then have one (mutual TLS)."
    )
    callers: Folder | None = Field(
        None, description="YAML file of the callers known by token or client certificate; read again when it changes."
    )
    oidc_issuer: str | None = Field(None, description="OpenID Connect provider whose tokens are taken, a URL.")
    oidc_audience: str = Field("trainwright", description="Audience that its tokens must be made out for.")
    oidc_tenant_claim: str = Field("tenant", description="Claim of its tokens that holds the tenant.")
    oidc_role_claim: str = Field("roles", description="Claim of its tokens that holds a role, or a list with one.")
    insecure_bind: bool = Field(
        False,
        description="Listen to other machines without TLS, behind a proxy that has it. Callers are checked all the same.",
    )
    calls_per_second_of_address: int = Field(
        1000, ge=1, description="Calls a second from one address; further ones wait."
    )
    calls_per_second_of_tenant: int = Field(2000, ge=1, description="Calls a second of one tenant; further ones wait.")
    slowest_reader_s: float = Field(30.0, gt=0, description="Seconds a stream waits for its reader before it ends.")
    state: Folder = Field(Path("state"), description="Folder for everything the service keeps.")
    shared: Folder = Field(
        default_factory=lambda given: given["state"],
        description="Folder of jobs and datasets, the same for all replicas and the cluster. Default: the state folder.",
    )
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
    max_running_jobs: int = Field(4, ge=1, description="Jobs that run at once, a replica; further ones are queued.")
    max_queued_jobs: int = Field(10_000, ge=1, description="Jobs that wait, of all tenants; further ones are refused.")
    quotas: Folder | None = Field(
        None, description="YAML file of what each tenant may hold; read again when it changes. Default: no limits."
    )
    lease_s: float = Field(
        15.0, ge=1, description="Seconds after which other replicas take over from one that is not heard of."
    )
    metrics_port: int | None = Field(
        None, ge=0, le=65535, description="Port that Prometheus scrapes /metrics from; no port, no metrics."
    )
    metrics_host: str = Field("127.0.0.1", description="Address of that port; it asks for no token.")
    probe_every_s: float = Field(
        5.0, gt=0, description="Seconds between two looks at each dependency: database, Ray, tracking, storage."
    )
    log_format: LogFormat = Field(LogFormat.TEXT, description="How the log is written: text, or json for machines.")
    grace_s: float = Field(10.0, ge=0, description="Seconds that calls in progress get when the service stops.")

    publish_every_s: float = Field(
        30.0, gt=0, description="Seconds until results that MLflow was away for are offered to it again."
    )
    orphans_kept_s: float = Field(
        24 * 3600, ge=0, description="Seconds that files which nothing in the database names are left alone."
    )
    keep_jobs_days: float | None = Field(
        None, gt=0, description="Days that jobs are kept after their end, with everything of theirs. Default: for ever."
    )
    keep_details_days: float | None = Field(
        None,
        gt=0,
        description="Days that events, logs, trials and journals are kept after a job's end. Default: for ever.",
    )
    keep_unused_datasets_days: float | None = Field(
        None, gt=0, description="Days that an uploaded dataset is kept while no job names it. Default: for ever."
    )

    @field_validator("tracking_uri")
    @classmethod
    def _without_password(cls, uri: str) -> str:
        if holds_secret(uri):  # it goes to the workers, and into reports
            raise ValueError(
                "carries a password; leave it out, and set MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or"
                " MLFLOW_TRACKING_TOKEN, where the service and its Ray run (PGPASSFILE for a database)"
            )
        return uri

    @model_validator(mode="after")
    def _stay_on_this_machine(self) -> Self:
        if _is_loopback(self.host):
            return self
        reached = f"host {self.host} can be reached from other machines"
        if not self.knows_callers:
            raise ValueError(f"{reached}, and no caller is checked; set callers or oidc_issuer, or keep host 127.0.0.1")
        if self.tls_cert is None and not self.insecure_bind:
            raise ValueError(
                f"{reached}, and tokens would travel in the clear; set tls_cert and tls_key, or insecure_bind behind a proxy"
                " that has TLS, or keep host 127.0.0.1"
            )
        return self

    @model_validator(mode="after")
    def _whole_tls(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key belong together; give both or neither")
        if self.tls_client_ca and not self.tls_cert:
            raise ValueError(
                "tls_client_ca asks clients for certificates, which needs TLS; set tls_cert and tls_key too"
            )
        return self

    @property
    def knows_callers(self) -> bool:
        """Whether callers have to prove who they are; without it there is one tenant."""
        return self.callers is not None or self.oidc_issuer is not None

    @property
    def datasets(self) -> Path:
        """Folder of uploaded tables."""
        return self.shared / "datasets"

    @property
    def jobs(self) -> Path:
        """Folder with one folder a job."""
        return self.shared / "jobs"

    @property
    def tensorboard(self) -> Path:
        """Folder of loss curves."""
        return self.shared / "tensorboard"

    @property
    def openings(self) -> Path:
        """Folder that tells which test rows have been opened, by whom."""
        return self.shared / "openings"

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
