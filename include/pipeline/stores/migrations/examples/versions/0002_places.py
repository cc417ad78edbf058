"""The place in the table that a row's payload is bound to, as a function."""

from alembic import op

revision = "0002"
down_revision = "0001"

# The row's id and the microseconds from 1970. PostgreSQL counts from 2000, so 30 years are added, in hours because days
# would be those of a calendar.
PACK_PLACE = """
CREATE FUNCTION pack_place(id bytea, occurred_at timestamptz) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
RETURN id || timestamptz_send(occurred_at + INTERVAL '262968 hours')
"""


def upgrade() -> None:
    """Create the function."""
    op.execute(PACK_PLACE)


def downgrade() -> None:
    """Drop the function."""
    op.execute("DROP FUNCTION pack_place")
