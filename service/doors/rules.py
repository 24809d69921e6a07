"""What each call asks of its caller: the least role, and which fields name what must belong to the caller's tenant.

Total over the calls of the API; a test holds it so.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.doors.callers import Role


@dataclass(frozen=True)
class Rule:
    """What one call asks.

    Attributes:
        role: Least role.
        jobs: Fields of the request with names of jobs.
        changes: Whether it changes anything, and so is written to the audit log.
    """

    role: Role
    jobs: tuple[str, ...] = ()
    changes: bool = False


RULES: Mapping[str, Rule] = {
    "CreateTrainingJob": Rule(Role.SUBMITTER, changes=True),
    "GetTrainingJob": Rule(Role.VIEWER, jobs=("name",)),
    "ListTrainingJobs": Rule(Role.VIEWER),
    "CancelTrainingJob": Rule(Role.SUBMITTER, jobs=("name",), changes=True),
    "RerunTrainingJob": Rule(Role.SUBMITTER, jobs=("name",), changes=True),
    "AdoptTrainingJob": Rule(Role.SUBMITTER, changes=True),
    "CompareTrainingJobs": Rule(Role.VIEWER, jobs=("names",)),
    "DeleteTrainingJob": Rule(Role.OPERATOR, jobs=("name",), changes=True),
    "WatchTrainingJob": Rule(Role.VIEWER, jobs=("name",)),
    "ReadLogs": Rule(Role.VIEWER, jobs=("name",)),
    "ListTrials": Rule(Role.VIEWER, jobs=("parent",)),
    "UploadDataset": Rule(Role.SUBMITTER, changes=True),
    "GetDataset": Rule(Role.VIEWER),
    "ListDatasets": Rule(Role.VIEWER),
    "DeleteDataset": Rule(Role.OPERATOR, changes=True),
    "GetQueue": Rule(Role.ADMIN),
    "ListTenants": Rule(Role.ADMIN),
    "DrainReplica": Rule(Role.ADMIN, changes=True),
    "Diagnose": Rule(Role.ADMIN),
}
