"""What pictures show: where trainings and trials ran, and curves of the probabilities of a model."""

from alembic import op

revision = "0011"
down_revision = "0010"

HOSTS = """
ALTER TABLE definitions ADD COLUMN host text;
ALTER TABLE trials ADD COLUMN host text
"""

# not a part of `scores`, which notifications carry
CURVES = "ALTER TABLE models ADD COLUMN curves jsonb"


def upgrade() -> None:
    """Add the columns; earlier trainings have nothing in them."""
    op.execute(HOSTS)
    op.execute(CURVES)


def downgrade() -> None:
    """Refuse: curves would be lost, which only training again computes."""
    raise NotImplementedError("this migration of the models database is not undone")
