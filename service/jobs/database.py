"""Opens the jobs database, SQLite or PostgreSQL, and brings its tables up to date."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, ExceptionContext, create_engine, event, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError

from service.jobs.errors import DiskFull, StoreAway

_MIGRATION_LOCK = 0x7472_6169  # any number that all replicas agree on
_MIGRATIONS = Path(__file__).with_name("migrations")
# A server that is gone without a word is given up after some seconds, not after the minutes of TCP.
_POSTGRES = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
_DISK_FULL = ("disk is full", "no space left", "disk quota exceeded")
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an answered create survives a power cut
    "PRAGMA busy_timeout=30000",
    "PRAGMA foreign_keys=ON",
)


def open_database(url: str) -> tuple[Engine, Engine]:
    """Opens a database.

    Args:
        url: SQLAlchemy URL: ``sqlite:///path`` or ``postgresql://...``.

    Returns:
        Two engines: for transactions that write, and for single statements that read.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        writer = create_engine(parsed, pool_size=8, pool_pre_ping=True, connect_args=_POSTGRES)
        event.listen(writer, "handle_error", _translate)
        return writer, writer.execution_options(isolation_level="AUTOCOMMIT")
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ValueError(f"the jobs database must be sqlite:///PATH or postgresql://..., not {parsed}")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # One connection writes: threads wait for it in turn, instead of failing on SQLite's lock.
    writer = create_engine(parsed, pool_size=1, max_overflow=0, pool_timeout=60)
    reader = create_engine(parsed, pool_size=8)
    for engine in (writer, reader):
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "handle_error", _translate)
    event.listen(writer, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return writer, reader


def migrate(engine: Engine, revision: str = "head") -> None:
    """Brings the tables forward to a revision; replicas that start together do it one after the other."""
    _alembic(engine, command.upgrade, revision)


def migrate_back(engine: Engine, revision: str) -> None:
    """Brings the tables back to a revision, for a version of the service that knows no later one."""
    _alembic(engine, command.downgrade, revision)


def revisions(engine: Engine) -> tuple[str, str]:
    """The revision that the tables are at, and the newest that this program knows."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return str(current), str(ScriptDirectory(str(_MIGRATIONS)).get_current_head())


def _alembic(engine: Engine, move: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        _take_turns(connection)
        config.attributes["connection"] = connection
        move(config, revision)


def _prepare_sqlite(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # the driver would begin transactions by itself, and as readers
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _take_turns(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})


def _translate(context: ExceptionContext) -> None:
    """Tells a database that is away, or has no room, from a statement that is wrong."""
    problem = str(context.original_exception).strip().partition("\n")[0]
    if any(text in problem.lower() for text in _DISK_FULL):
        raise DiskFull(problem) from context.original_exception
    if context.is_disconnect or isinstance(context.sqlalchemy_exception, OperationalError | InterfaceError):
        raise StoreAway(problem) from context.original_exception
