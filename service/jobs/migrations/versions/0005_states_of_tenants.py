"""A tenant's jobs in one state, such as the few that run among many that have ended, are found without reading the others."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Adds the index."""
    op.create_index("jobs_by_tenant_and_state", "jobs", ["tenant", "state", "create_time", "id"])


def downgrade() -> None:
    """Takes it away."""
    op.drop_index("jobs_by_tenant_and_state", "jobs")
