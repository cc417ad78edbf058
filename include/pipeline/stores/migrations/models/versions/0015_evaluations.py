"""Stored models that were scored on a testing set after their training."""

from alembic import op

revision = "0015"
down_revision = "0014"

# `examples` is what a lineage says of a testing set: its digest, count, first and last. `document_sha256` is of the
# document that answered: a model that is trained again keeps its row, but these are no answers of its new document.
EVALUATIONS = """
CREATE TABLE evaluations (
    evaluation_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    model_id         bigint NOT NULL REFERENCES models ON DELETE CASCADE,
    document_sha256  bytea NOT NULL,
    run_id           text NOT NULL,
    dataset          jsonb,  -- NULL if all examples of a span test
    collection       text NOT NULL,
    examples         jsonb NOT NULL,
    testing_set      bytea NOT NULL REFERENCES testing_sets,
    answers          bytea NOT NULL,
    scores           jsonb NOT NULL,
    seconds          double precision NOT NULL,
    evaluated_at     timestamptz NOT NULL DEFAULT now(),
    UNIQUE (run_id, model_id)
);
ALTER TABLE evaluations ALTER COLUMN answers SET STORAGE EXTERNAL;  -- encrypted, so they do not compress
CREATE INDEX evaluations_model ON evaluations (model_id, evaluated_at);
CREATE INDEX evaluations_testing_set ON evaluations (testing_set)
"""


def upgrade() -> None:
    """Add the table."""
    op.execute(EVALUATIONS)


def downgrade() -> None:
    """Refuse, as every migration of the models database."""
    raise NotImplementedError("this migration of the models database is not undone")
