"""Sets finished jobs beside each other."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from service.jobs.errors import NoReport
from service.jobs.records import JOBS, JobRecord
from trainers.comparison import compare
from trainers.earlier import Run, read_folder
from trainwright.messages import from_dict
from trainwright.v1 import report_pb2


def compared(records: Sequence[JobRecord]) -> list[report_pb2.Comparison]:
    """Compares every job after the first with the first.

    Raises:
        NoReport: One of them has not succeeded.
    """
    reference, *others = [_run(record) for record in records]
    return [from_dict(report_pb2.Comparison, asdict(compare(reference, other))) for other in others]


def _run(record: JobRecord) -> Run:
    try:
        return read_folder(JOBS + record.id, Path(record.output))
    except OSError:
        raise NoReport(record.id, record.state) from None
