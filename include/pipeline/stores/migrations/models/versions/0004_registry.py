"""What the registry needs: answers to testing sets, aliases, and notifications in the order of their changes."""

from alembic import op

revision = "0004"
down_revision = "0003"

# Ids and codes, see `examples/answers.py`; no compression helps with either.
TESTING_SETS = """
CREATE TABLE testing_sets (
    sha256      bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
    examples    bytea NOT NULL,
    truths      bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CHECK (octet_length(examples) = 4 * octet_length(truths))
);
ALTER TABLE testing_sets ALTER COLUMN examples SET STORAGE EXTERNAL;
ALTER TABLE testing_sets ALTER COLUMN truths SET STORAGE EXTERNAL
"""

# Models that were stored earlier have no answers.
MODELS = """
ALTER TABLE models
    ADD COLUMN testing_set bytea REFERENCES testing_sets,
    ADD COLUMN answers bytea,
    ADD CONSTRAINT models_answers_check CHECK ((testing_set IS NULL) = (answers IS NULL));
ALTER TABLE models ALTER COLUMN answers SET STORAGE EXTERNAL;
CREATE INDEX models_testing_set ON models (testing_set)
"""

# Rows are never changed: an alias points where its last move says.
ALIASES = """
CREATE TABLE alias_moves (
    move_id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alias            text NOT NULL,
    model_id         bigint REFERENCES models,  -- NULL where it was taken away
    document_sha256  bytea,
    moved_by         text NOT NULL,
    reason           text NOT NULL,
    moved_at         timestamptz NOT NULL DEFAULT now(),
    CHECK ((model_id IS NULL) = (document_sha256 IS NULL))
);
CREATE INDEX alias_moves_latest ON alias_moves (alias, move_id DESC);
CREATE VIEW aliases AS
SELECT * FROM (
    SELECT DISTINCT ON (alias) * FROM alias_moves ORDER BY alias, move_id DESC
) AS latest
WHERE model_id IS NOT NULL
"""

NOTIFICATIONS = """
CREATE SEQUENCE notification_changes;
ALTER TABLE notifications ADD COLUMN change bigint;
UPDATE notifications SET change = notification_id;
SELECT setval('notification_changes', coalesce(max(change), 0) + 1, false) FROM notifications;
ALTER TABLE notifications ALTER COLUMN change SET NOT NULL, ADD UNIQUE (change)
"""


def upgrade() -> None:
    """Create the tables, and number the existing notifications."""
    for statement in (TESTING_SETS, MODELS, ALIASES, NOTIFICATIONS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: an older version would not number its notifications."""
    raise NotImplementedError("this migration of the models database is not undone")
