"""Several replicas share the jobs: who has which, and in which order they start. Jobs of before ask for one CPU."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Adds the replicas, and to jobs what the queue needs; nobody has the jobs there are, so they are taken up."""
    op.create_table(
        "replicas",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("start_time", sa.BigInteger, nullable=False),
        sa.Column("lease_expire_time", sa.BigInteger, nullable=False),
        sa.Column("draining", sa.Boolean, nullable=False),
        sa.Column("max_running_jobs", sa.Integer, nullable=False),
    )
    op.add_column("jobs", sa.Column("priority", sa.Integer, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("cpus", sa.Float, nullable=False, server_default="1"))
    op.add_column("jobs", sa.Column("gpus", sa.Float, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("owner", sa.Text, nullable=False, server_default=""))
    op.create_index("jobs_by_start_time", "jobs", ["tenant", "start_time"])


def downgrade() -> None:
    """Drops them again."""
    op.drop_index("jobs_by_start_time", "jobs")
    for name in ("owner", "gpus", "cpus", "priority"):
        op.drop_column("jobs", name)
    op.drop_table("replicas")
