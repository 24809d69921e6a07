"""The tables of the jobs database, the same on SQLite and PostgreSQL."""

import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData()
_encode = json.JSONEncoder(separators=(",", ":")).encode


class Chars(TypeDecorator[str]):
    """Text from outside, without what a database refuses: NUL and halves of surrogate pairs."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Writes."""
        return None if value is None else value.replace("\0", "\ufffd").encode(errors="replace").decode()


class Json(TypeDecorator[Any]):
    """JSON as text: both databases keep every float and every character as it was."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Writes."""
        return None if value is None else _encode(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Reads."""
        return None if value is None else json.loads(value)


class Time(TypeDecorator[datetime]):
    """A time as microseconds since 1970: exact and ordered on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Writes."""
        return None if value is None else round(value.timestamp() * 1e6)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Reads."""
        return None if value is None else datetime.fromtimestamp(value / 1e6, UTC)


def _job() -> Column[str]:
    return Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)


jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("tenant", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("phase", Chars, nullable=False),
    Column("labels", Json, nullable=False),
    Column("request_id", Chars, nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("rerun_of", Text, nullable=False),
    Column("create_time", Time, nullable=False),
    Column("update_time", Time, nullable=False),
    Column("start_time", Time),
    Column("end_time", Time),
    Column("error", Json),
    Column("progress", Json, nullable=False),
    Column("attempts", Json, nullable=False),
    Column("queue_timeout_s", Float),
    Column("run_deadline_s", Float),
    Column("last_sequence", BigInteger, nullable=False),
    Column("output", Text, nullable=False),
    Column("trace", Text, nullable=False),
    Column("spec", Json, nullable=False),
    Column("history", Json, nullable=False),
    Column("report", Json),
    Column("priority", Integer, nullable=False),
    Column("cpus", Float, nullable=False),
    Column("gpus", Float, nullable=False),
    Column("owner", Text, nullable=False),
    Index("jobs_by_create_time", "tenant", "create_time", "id"),
    Index("jobs_by_update_time", "tenant", "update_time", "id"),
    Index("jobs_by_state", "state", "create_time", "id"),
    Index("jobs_by_tenant_and_state", "tenant", "state", "create_time", "id"),
    Index("jobs_by_start_time", "tenant", "start_time"),
)

replicas = Table(
    "replicas",
    metadata,
    Column("id", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("start_time", Time, nullable=False),
    Column("lease_expire_time", Time, nullable=False),
    Column("draining", Boolean, nullable=False),
    Column("max_running_jobs", Integer, nullable=False),
)

labels = Table(
    "labels",
    metadata,
    _job(),
    Column("key", Chars, primary_key=True),
    Column("value", Chars, nullable=False),
    Index("labels_by_value", "key", "value"),
)

requests = Table(
    "requests",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("request_id", Chars, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("job", Text, nullable=False, index=True),  # no foreign key: the request that deleted a job outlives it
)

events = Table(
    "events",
    metadata,
    _job(),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("time", Time, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("event", Json, nullable=False),
)

logs = Table(
    "logs",
    metadata,
    Column("number", BigInteger().with_variant(Integer, "sqlite"), Identity(), primary_key=True),
    Column("job", Text, ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("time", Time, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("level", Integer, nullable=False),
    Column("text", Chars, nullable=False),
    Column("logger", Chars, nullable=False),
    Index("logs_by_job", "job", "number"),
)

trials = Table(
    "trials",
    metadata,
    _job(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("trial", Json, nullable=False),
)

sizes = Table(
    "sizes",
    metadata,
    _job(),
    Column("tenant", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Index("sizes_by_tenant", "tenant", "size_bytes"),
)

datasets = Table(
    "datasets",
    metadata,
    Column("tenant", Text, primary_key=True),
    Column("digest", Text, primary_key=True),
    Column("display_name", Chars, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("columns", Json, nullable=False),
    Column("create_time", Time, nullable=False),
    Index("datasets_by_create_time", "tenant", "create_time", "digest"),
)
