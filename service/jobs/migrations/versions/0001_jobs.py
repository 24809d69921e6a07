"""Jobs with their labels, events, logs and trials, and datasets."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables."""
    _jobs()
    _parts_of_jobs()
    _datasets()


def downgrade() -> None:
    """Drops the tables, and with them everything stored."""
    for table in ("datasets", "trials", "logs", "events", "requests", "labels", "jobs"):
        op.drop_table(table)


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("phase", sa.Text, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("request_digest", sa.Text, nullable=False),
        sa.Column("rerun_of", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.Column("update_time", sa.BigInteger, nullable=False),
        sa.Column("start_time", sa.BigInteger),
        sa.Column("end_time", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.Column("progress", sa.Text, nullable=False),
        sa.Column("attempts", sa.Text, nullable=False),
        sa.Column("queue_timeout_s", sa.Float),
        sa.Column("run_deadline_s", sa.Float),
        sa.Column("last_sequence", sa.BigInteger, nullable=False),
        sa.Column("output", sa.Text, nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("history", sa.Text, nullable=False),
        sa.Column("report", sa.Text),
    )
    op.create_index("jobs_by_create_time", "jobs", ["tenant", "create_time", "id"])
    op.create_index("jobs_by_update_time", "jobs", ["tenant", "update_time", "id"])
    op.create_index("jobs_by_state", "jobs", ["state", "create_time", "id"])


def _parts_of_jobs() -> None:
    op.create_table(
        "labels",
        _job(primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_index("labels_by_value", "labels", ["key", "value"])
    op.create_table(
        "requests",
        sa.Column("tenant", sa.Text, primary_key=True),
        sa.Column("request_id", sa.Text, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("job", sa.Text, nullable=False),
    )
    op.create_index("ix_requests_job", "requests", ["job"])
    op.create_table(
        "events",
        _job(primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
    )
    op.create_table(
        "logs",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), sa.Identity(), primary_key=True),
        _job(primary_key=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("logger", sa.Text, nullable=False),
    )
    op.create_index("logs_by_job", "logs", ["job", "number"])
    op.create_table(
        "trials",
        _job(primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("trial", sa.Text, nullable=False),
    )


def _datasets() -> None:
    op.create_table(
        "datasets",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
    )
    op.create_index("datasets_by_create_time", "datasets", ["create_time", "digest"])


def _job(*, primary_key: bool) -> sa.Column[str]:
    return sa.Column(
        "job", sa.Text, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=primary_key, nullable=False
    )
