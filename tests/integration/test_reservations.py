"""What a killed program had reserved becomes free again."""

from collections.abc import Callable

import pytest
import ray
from ray.util import placement_group, placement_group_table, remove_placement_group

from cluster import reservations

Until = Callable[[Callable[[], bool]], None]


@ray.remote(num_cpus=0)
class Holder:
    """Reserves, as Ray Train's controller does for its workers."""

    def __init__(self) -> None:
        self._group = placement_group([{"CPU": 0.01}])

    def reserved(self) -> str:
        ray.get(self._group.ready())
        return self._group.id.hex()


def state_of(group: str) -> str:
    return placement_group_table()[group]["state"]


@pytest.mark.usefixtures("ray_address")
def test_only_what_a_dead_actor_reserved_is_freed(until: Until) -> None:
    dead, alive, own = Holder.remote(), Holder.remote(), placement_group([{"CPU": 0.01}])
    lost, held = ray.get([dead.reserved.remote(), alive.reserved.remote()])
    assert reservations.free_orphans() == 0
    ray.kill(dead)
    until(lambda: reservations.free_orphans() == 1)
    assert state_of(lost) == "REMOVED"
    assert (state_of(held), state_of(own.id.hex())) == ("CREATED", "CREATED")
    ray.kill(alive)
    until(lambda: reservations.free_orphans() == 1)
    remove_placement_group(own)
