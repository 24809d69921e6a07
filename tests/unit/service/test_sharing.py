"""A replica does not start beside others whose files it would not see."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from service.jobs.store import Store
from service.sharing import sharing


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/jobs.db")
    yield store
    store.close()


def test_replicas_of_one_folder_start_and_of_another_do_not(tmp_path: Path, store: Store) -> None:
    with sharing(tmp_path / "one", "a", store):
        store.claims.join("a", "host-a", slots=1, lease_s=60)
        with sharing(tmp_path / "one", "b", store):
            pass
        with pytest.raises(OSError, match="replica a on host-a uses this database, but another shared folder"):
            sharing(tmp_path / "another", "b", store).__enter__()
    assert list((tmp_path / "one/replicas").iterdir()) == []


def test_one_that_was_killed_is_in_nobodys_way_when_its_lease_is_over(tmp_path: Path, store: Store) -> None:
    store.claims.join("killed", "h", slots=1, lease_s=-1)
    store.claims.join("itself", "h", slots=1, lease_s=60)
    with sharing(tmp_path / "new", "itself", store):
        assert (tmp_path / "new/replicas/itself").exists()
