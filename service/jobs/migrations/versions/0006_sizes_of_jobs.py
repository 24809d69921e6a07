"""What the files of a job take is known to the database. Jobs of before are measured as those that have just ended."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Adds the sizes."""
    op.create_table(
        "sizes",
        sa.Column("job", sa.Text, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("tenant", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
    )
    op.create_index("sizes_by_tenant", "sizes", ["tenant", "size_bytes"])


def downgrade() -> None:
    """Drops them."""
    op.drop_table("sizes")
