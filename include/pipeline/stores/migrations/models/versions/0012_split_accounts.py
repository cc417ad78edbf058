"""How datasets split their examples, counted before anything is trained."""

from alembic import op

revision = "0012"
down_revision = "0011"

# The key is a digest, because a dataset's text may be longer than an index takes; `dataset` is for people.
SPLIT_ACCOUNTS = """
CREATE TABLE split_accounts (
    dataset_sha256   bytea NOT NULL CHECK (octet_length(dataset_sha256) = 32),
    examples_digest  text NOT NULL,
    dataset          jsonb NOT NULL,
    account          jsonb,
    failure          text,
    counted_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (dataset_sha256, examples_digest),
    CONSTRAINT split_accounts_check CHECK (num_nonnulls(account, failure) = 1)
)
"""

OF_EXAMPLES = "CREATE INDEX models_examples ON models ((lineage #>> '{examples,digest}'))"


def upgrade() -> None:
    """Add the table of accounts, and an index by which models of the same examples are found."""
    for statement in (SPLIT_ACCOUNTS, OF_EXAMPLES):
        op.execute(statement)


def downgrade() -> None:
    """Refuse, as every migration of the models database."""
    raise NotImplementedError("this migration of the models database is not undone")
