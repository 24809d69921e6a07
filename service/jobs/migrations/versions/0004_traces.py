"""A job remembers the trace of the call that made it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the trace."""
    op.add_column("jobs", sa.Column("trace", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Takes it away."""
    op.drop_column("jobs", "trace")
