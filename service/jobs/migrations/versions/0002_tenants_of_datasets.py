"""Each tenant has its own record of a dataset. Those there were belong to the default tenant."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_ABOUT = ("display_name", "size_bytes", "rows", "columns", "create_time")


def upgrade() -> None:
    """Adds the tenant to the key."""
    op.rename_table("datasets", "datasets_before")
    op.drop_index("datasets_by_create_time", "datasets_before")
    _create(["tenant", "digest"], ["tenant", "create_time", "digest"])
    _copy(f"SELECT 'default', digest, {_names()} FROM datasets_before", f"tenant, digest, {_names()}")
    op.drop_table("datasets_before")


def downgrade() -> None:
    """Takes the tenant out of the key: of several records of the same content the oldest stays."""
    op.rename_table("datasets", "datasets_before")
    op.drop_index("datasets_by_create_time", "datasets_before")
    _create(["digest"], ["create_time", "digest"])
    first = "SELECT MIN(tenant) FROM datasets_before AS b WHERE b.digest = a.digest"
    oldest = "SELECT MIN(create_time) FROM datasets_before AS b WHERE b.digest = a.digest"
    first += f" AND b.create_time = ({oldest})"
    _copy(f"SELECT digest, {_names()} FROM datasets_before AS a WHERE a.tenant = ({first})", f"digest, {_names()}")
    op.drop_table("datasets_before")


def _create(key: list[str], order: list[str]) -> None:
    op.create_table(
        "datasets",
        *(sa.Column(name, sa.Text, nullable=False) for name in key),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("columns", sa.Text, nullable=False),
        sa.Column("create_time", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint(*key),
    )
    op.create_index("datasets_by_create_time", "datasets", order)


def _copy(selected: str, into: str) -> None:
    op.execute(f"INSERT INTO datasets ({into}) {selected}")


def _names() -> str:
    return ", ".join(f'"{name}"' for name in _ABOUT)
