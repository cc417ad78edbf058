"""Runs, the ledger of their definitions, stored models, and notifications."""

from alembic import op

revision = "0001"
down_revision = None

UPGRADE = """
CREATE TABLE runs (
    run_id        text PRIMARY KEY,
    plan          jsonb NOT NULL,
    permutations  integer NOT NULL CHECK (permutations > 0),
    created_at    timestamptz NOT NULL DEFAULT now(),
    closed_at     timestamptz
);

CREATE TABLE definitions (
    run_id      text NOT NULL REFERENCES runs ON DELETE CASCADE,
    label       text NOT NULL,
    position    integer NOT NULL,
    definition  jsonb NOT NULL,
    state       text NOT NULL DEFAULT 'planned'
                CHECK (state IN ('planned', 'training', 'trained', 'failed')),
    error       text,
    started_at  timestamptz,
    ended_at    timestamptz,
    PRIMARY KEY (run_id, label),
    UNIQUE (run_id, position)
);
CREATE INDEX definitions_label ON definitions (label);

CREATE TABLE models (
    model_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    label             text NOT NULL,
    version           integer NOT NULL CHECK (version > 0),
    run_id            text NOT NULL,
    definition        jsonb NOT NULL,
    document          text NOT NULL,  -- byte for byte what was hashed and measured, which jsonb would not keep
    document_sha256   bytea NOT NULL,
    size_bytes        bigint NOT NULL,
    scores            jsonb NOT NULL,
    lineage           jsonb NOT NULL,
    step_seconds      jsonb NOT NULL,
    training_seconds  double precision NOT NULL,
    accuracy          double precision GENERATED ALWAYS AS ((scores ->> 'accuracy')::double precision) STORED,
    macro_f1          double precision GENERATED ALWAYS AS ((scores ->> 'macro_f1')::double precision) STORED,
    created_at        timestamptz NOT NULL DEFAULT now(),
    UNIQUE (label, version),
    UNIQUE (run_id, label),
    FOREIGN KEY (run_id, label) REFERENCES definitions (run_id, label)
);
-- arrays in a document are compressed already
ALTER TABLE models ALTER COLUMN document SET STORAGE EXTERNAL;
CREATE INDEX models_created_at ON models (created_at);

CREATE TABLE notifications (
    notification_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_id         bigint NOT NULL UNIQUE REFERENCES models ON DELETE CASCADE,
    created_at       timestamptz NOT NULL DEFAULT now(),
    published_at     timestamptz
);
CREATE INDEX notifications_unpublished ON notifications (notification_id) WHERE published_at IS NULL;
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(UPGRADE)


def downgrade() -> None:
    """Drop the tables, their rows included."""
    op.execute("DROP TABLE notifications, models, definitions, runs")
