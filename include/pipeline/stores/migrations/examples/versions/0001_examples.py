"""The examples, encrypted row by row."""

from alembic import op

revision = "0001"
down_revision = None

EXAMPLES = """
CREATE TABLE examples (
    collection text NOT NULL,
    id bytea NOT NULL CHECK (octet_length(id) = 16),
    digest bytea NOT NULL CHECK (octet_length(digest) = 16),
    occurred_at timestamptz NOT NULL,
    key_id text NOT NULL,
    payload bytea NOT NULL,
    PRIMARY KEY (collection, id)
)
"""
# One row: it shows whether a key ring is the one with which these examples' ids were made.
KEYRING = "CREATE TABLE keyring (one boolean PRIMARY KEY DEFAULT true CHECK (one), fingerprint bytea NOT NULL)"
# Encrypted bytes do not compress, so trying costs time and saves nothing.
PAYLOAD_STORAGE = "ALTER TABLE examples ALTER COLUMN payload SET STORAGE EXTERNAL"
BY_TIME = "CREATE INDEX examples_by_time ON examples (collection, occurred_at)"


def upgrade() -> None:
    """Create the table."""
    for statement in (EXAMPLES, KEYRING, PAYLOAD_STORAGE, BY_TIME):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: it would destroy examples."""
    raise NotImplementedError("the first migration of the examples database is not undone")
