"""Files can replace examples by their ids, which is a change like others."""

from alembic import op

revision = "0004"
down_revision = "0003"

KINDS = """
ALTER TABLE changes DROP CONSTRAINT changes_kind_check,
    ADD CONSTRAINT changes_kind_check CHECK (kind IN ('corrected', 'deleted', 'replaced'))
"""


def upgrade() -> None:
    """Let the journal tell of replaced examples."""
    op.execute(KINDS)


def downgrade() -> None:
    """Refuse: the journal may have such rows, and is only added to."""
    raise NotImplementedError("this migration of the examples database is not undone")
