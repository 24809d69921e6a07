"""What can go wrong between a caller and the jobs; service/api/errors.py maps each to an answer."""
# ruff: noqa: N818 (the names read as the answer does)


class JobsError(Exception):
    """Base of the errors of this folder."""


class NotFound(JobsError):
    """There is no such resource.

    Attributes:
        name: Its resource name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"there is no {name}; list what there is, or check the name")


class JobNotFound(NotFound):
    """There is no such job."""

    def __init__(self, job: str) -> None:
        super().__init__(f"trainingJobs/{job}")


class DatasetNotFound(NotFound):
    """There is no such dataset."""

    def __init__(self, digest: str) -> None:
        super().__init__(f"datasets/{digest}")


class ReplicaNotFound(NotFound):
    """No replica of this id holds a lease."""

    def __init__(self, replica: str) -> None:
        super().__init__(f"replicas/{replica}")


class Draining(JobsError):
    """Every replica has been told to take no new jobs."""

    def __init__(self) -> None:
        super().__init__("the service is being drained and starts no new jobs; call again in a moment")


class QuotaExceeded(JobsError):
    """A limit on what a tenant, or the service as a whole, may hold is reached.

    Attributes:
        subject: Whose limit, ``tenants/NAME`` or ``service``.
        problem: What is held, what is allowed, and what to do.
        passes: Whether it is likely to pass by itself.
    """

    def __init__(self, subject: str, problem: str, passes: bool) -> None:
        self.subject, self.problem, self.passes = subject, problem, passes
        super().__init__(problem)


class RequestIdReused(JobsError):
    """A request_id came again with another body.

    Attributes:
        request_id: The id.
        job: Id of the job it belongs to.
    """

    def __init__(self, request_id: str, job: str) -> None:
        self.request_id, self.job = request_id, job
        super().__init__(
            f"request_id {request_id!r} belongs to another request, which made trainingJobs/{job}; send a new request_id,"
            " or the same body"
        )


class NotTerminal(JobsError):
    """The job has not ended, which the call asks for.

    Attributes:
        job: Id of the job.
        state: Where it stands.
    """

    def __init__(self, job: str, state: str) -> None:
        self.job, self.state = job, state
        super().__init__(f"trainingJobs/{job} is {state.upper()}; wait for its end or cancel it first")


class NoReport(JobsError):
    """The job has no report, which the call asks for.

    Attributes:
        job: Id of the job.
        state: Where it stands.
    """

    def __init__(self, job: str, state: str) -> None:
        self.job, self.state = job, state
        super().__init__(f"trainingJobs/{job} is {state.upper()} and has no report; name jobs that have succeeded")


class IllegalMove(JobsError):
    """The job is not in a state that this move starts from: something else moved it first.

    Attributes:
        job: Id of the job.
        state: Where it stands.
        to: Where it should have gone.
    """

    def __init__(self, job: str, state: str, to: str) -> None:
        self.job, self.state, self.to = job, state, to
        super().__init__(f"trainingJobs/{job} is {state.upper()} and cannot become {to.upper()}; read its state again")


class DatasetInUse(JobsError):
    """An open job reads the dataset.

    Attributes:
        digest: The dataset.
        job: Id of the job.
    """

    def __init__(self, digest: str, job: str) -> None:
        self.digest, self.job = digest, job
        super().__init__(f"datasets/{digest} is read by trainingJobs/{job}; wait for its end or cancel it first")


class InvalidQuery(JobsError):
    """A list was asked for in a way that cannot be answered.

    Attributes:
        field: Field of the request.
        problem: What was wrong and what would be right.
    """

    field = ""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(f"{self.field}: {problem}")


class InvalidFilter(InvalidQuery):
    """The filter cannot be read."""

    field = "filter"


class InvalidOrder(InvalidQuery):
    """The order cannot be read."""

    field = "order_by"


class InvalidPageToken(InvalidQuery):
    """The page token is not one that was given out for this filter and order."""

    field = "page_token"


class StoreAway(JobsError):
    """The jobs database does not answer."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the jobs database does not answer ({problem}); call again: what runs goes on meanwhile")


class DiskFull(JobsError):
    """There is no room to store anything."""

    def __init__(self, problem: str) -> None:
        super().__init__(f"the service's disk is full ({problem}); ask its operator to make room, then call again")
