"""Frees what a program reserved on the cluster and no longer can free itself.

A placement group holds its resources until whoever made it removes it. One made by an actor outlives that actor for as long
as the driver lives that the actor belongs to, and that is the service: a fit on several workers that is cancelled would hold
their CPUs for ever.
"""

import logging

import ray
from ray._private.state import state
from ray.core.generated.gcs_pb2 import PlacementGroupTableData
from ray.util.placement_group import PlacementGroup, remove_placement_group

from cluster.session import NAMESPACE, is_connected

logger = logging.getLogger(__name__)


def free_orphans() -> int:
    """Removes this project's placement groups whose maker, an actor, has ended, and returns how many there were.

    Ray learns of an actor's end a moment after it, so call this again later. None while no Ray is connected.
    """
    if not is_connected():
        return 0
    orphans = [group for group in _groups() if _is_orphan(group)]
    for group in orphans:
        remove_placement_group(PlacementGroup(ray.PlacementGroupID(group.placement_group_id)))
    if orphans:
        logger.warning("%s reservations of runs that have ended are freed", len(orphans))
    return len(orphans)


def _groups() -> list[PlacementGroupTableData]:
    found = state._connect_and_get_accessor().get_placement_group_table()
    return [PlacementGroupTableData.FromString(each) for each in found]


def _is_orphan(group: PlacementGroupTableData) -> bool:
    ours = group.ray_namespace == NAMESPACE
    made_by_actor = group.creator_actor_id.strip(b"\xff") != b""
    removed = group.state == PlacementGroupTableData.REMOVED
    return ours and made_by_actor and group.creator_actor_dead and not group.is_detached and not removed
