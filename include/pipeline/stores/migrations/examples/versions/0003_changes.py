"""What people change in the examples: who, when, why and how many."""

from alembic import op

revision = "0003"
down_revision = "0002"

# No text and no class: those are encrypted in the examples, and this table outlives what is deleted.
CHANGES = """
CREATE TABLE changes (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('corrected', 'deleted')),
    collection text NOT NULL,
    examples bigint NOT NULL CHECK (examples > 0),
    reason text NOT NULL
)
"""
REFUSE = """
CREATE FUNCTION refuse_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the journal of changes is only added to';
END $$
"""
KEEP = """
CREATE TRIGGER changes_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON changes EXECUTE FUNCTION refuse_changes()
"""


def upgrade() -> None:
    """Create the journal."""
    for statement in (CHANGES, REFUSE, KEEP):
        op.execute(statement)


def downgrade() -> None:
    """Drop the journal."""
    op.execute("DROP TABLE changes")
    op.execute("DROP FUNCTION refuse_changes")
