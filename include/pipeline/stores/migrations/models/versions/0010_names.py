"""Names, notes and tags of runs."""

from alembic import op

revision = "0010"
down_revision = "0009"

RUNS = "ALTER TABLE runs ADD COLUMN name text, ADD COLUMN note text, ADD COLUMN tags text[] NOT NULL DEFAULT '{}'"


def upgrade() -> None:
    """Add what tells runs apart for people; earlier runs have none of it."""
    op.execute(RUNS)


def downgrade() -> None:
    """Refuse: names would be lost."""
    raise NotImplementedError("this migration of the models database is not undone")
