"""Documents in either encoding; an adapter that many models share is stored once."""

from alembic import op

revision = "0003"
down_revision = "0002"

RUNS = "ALTER TABLE runs ADD COLUMN encoding text NOT NULL DEFAULT 'json' CHECK (encoding IN ('json', 'binary'))"

# Exactly one of the columns says what it is: JSON as text, on which PostgreSQL's JSON functions work, or bytes.
ADAPTERS = """
CREATE TABLE adapter_documents (
    sha256           bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    document         text,
    binary_document  bytea,
    size_bytes       bigint NOT NULL,
    created_at       timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(document, binary_document) = 1)
);
-- both are compressed already
ALTER TABLE adapter_documents ALTER COLUMN document SET STORAGE EXTERNAL;
ALTER TABLE adapter_documents ALTER COLUMN binary_document SET STORAGE EXTERNAL
"""

# Models that were stored earlier contain their adapter themselves.
MODELS = """
ALTER TABLE models
    ALTER COLUMN document DROP NOT NULL,
    ADD COLUMN binary_document bytea,
    ADD COLUMN adapter_sha256 bytea REFERENCES adapter_documents,
    ADD CONSTRAINT models_document_check CHECK (num_nonnulls(document, binary_document) = 1);
ALTER TABLE models ALTER COLUMN binary_document SET STORAGE EXTERNAL;
CREATE INDEX models_adapter ON models (adapter_sha256)
"""


def upgrade() -> None:
    """Create the table, and let models name their adapters."""
    for statement in (RUNS, ADAPTERS, MODELS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: an older version would not find the adapters of its models."""
    raise NotImplementedError("this migration of the models database is not undone")
