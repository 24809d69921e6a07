from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster import session


@pytest.fixture(scope="session")
def ray_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One local Ray of 2 CPUs for all tests that need one; the test program is connected to it."""
    state: Path = tmp_path_factory.mktemp("ray")
    local = session.connect(None, state, num_cpus=2)
    yield local.address
    local.stop()
