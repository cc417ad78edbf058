"""Models can be deleted and retired: what is left of a deleted one is its name, and who deleted it when and why."""

from alembic import op

revision = "0013"
down_revision = "0012"

DELETED = """
CREATE TABLE deleted_models (
    model_id         bigint PRIMARY KEY,
    label            text NOT NULL,
    version          integer NOT NULL,
    run_id           text NOT NULL,
    document_sha256  bytea NOT NULL,
    deleted_at       timestamptz NOT NULL DEFAULT now(),
    deleted_by       text NOT NULL,
    reason           text NOT NULL,
    UNIQUE (label, version)  -- no version is given twice
)
"""

RETIRED = """
ALTER TABLE models
    ADD COLUMN retired_at timestamptz, ADD COLUMN retired_by text, ADD COLUMN retired_for text,
    ADD CONSTRAINT models_retired_check CHECK (num_nulls(retired_at, retired_by, retired_for) IN (0, 3))
"""

# Histories outlive models: an old move, or a definition that reused a model, may name a deleted one.
HISTORIES = """
ALTER TABLE alias_moves DROP CONSTRAINT alias_moves_model_id_fkey;
ALTER TABLE definitions DROP CONSTRAINT definitions_reused_model_id_fkey;
CREATE INDEX alias_moves_model ON alias_moves (model_id);
CREATE INDEX definitions_reused_model ON definitions (reused_model_id) WHERE reused_model_id IS NOT NULL;
CREATE INDEX models_validation_set ON models (validation_set) WHERE validation_set IS NOT NULL
"""

NAMED_MODELS = """
CREATE VIEW named_models AS
SELECT model_id, label, version, false AS is_deleted FROM models
UNION ALL SELECT model_id, label, version, true FROM deleted_models
"""

ANNOUNCEMENTS = """
CREATE OR REPLACE VIEW announcements AS
SELECT notification_id, change, noted.created_at AS noted_at, published_at, noted.model_id, noted.move_id,
    coalesce(models.label, target.label) AS label, coalesce(models.version, target.version) AS version,
    models.run_id, models.definition, models.scores, moves.alias,
    coalesce(models.document_sha256, moves.document_sha256) AS document_sha256,
    previous.label AS previous_label, previous.version AS previous_version, moves.moved_by, moves.reason,
    coalesce(models.created_at, moves.moved_at) AS happened_at
FROM notifications AS noted
LEFT JOIN models ON models.model_id = noted.model_id
LEFT JOIN alias_moves AS moves ON moves.move_id = noted.move_id
LEFT JOIN named_models AS target ON target.model_id = moves.model_id
LEFT JOIN LATERAL (
    SELECT before.label, before.version
    FROM alias_moves AS earlier LEFT JOIN named_models AS before ON before.model_id = earlier.model_id
    WHERE earlier.alias = moves.alias AND earlier.move_id < moves.move_id
    ORDER BY earlier.move_id DESC LIMIT 1
) AS previous ON true
"""

# A definition whose model was deleted or retired has none; its `error` says who did that and why.
DEFINITION_MODELS = """
CREATE OR REPLACE VIEW definition_models AS
SELECT listed.run_id, listed.label, listed.position, listed.state, listed.error, listed.definition,
    listed.duplicate_of, listed.examples_digest, listed.started_at, listed.ended_at, runs.created_at AS planned_at,
    stored.model_id
FROM definitions AS listed
JOIN runs ON runs.run_id = listed.run_id
JOIN definitions AS source ON source.run_id = listed.run_id
    AND source.label = coalesce(listed.duplicate_of, listed.label)
LEFT JOIN models AS own ON own.run_id = source.run_id AND own.label = source.label
LEFT JOIN models AS stored ON stored.model_id = coalesce(source.reused_model_id, own.model_id)
    AND stored.retired_at IS NULL
"""

LISTED_MODELS = """
CREATE OR REPLACE VIEW listed_models AS
SELECT model_id, label, version, run_id, definition, accuracy, macro_f1,
    scores -> 'accuracy_interval' AS accuracy_interval,
    (scores ->> 'baseline_accuracy')::double precision AS baseline_accuracy,
    accuracy - (scores ->> 'baseline_accuracy')::double precision AS gain,
    coalesce(scores -> 'marks', '[]') AS marks,
    training_seconds, size_bytes, created_at,
    (SELECT coalesce(array_agg(alias ORDER BY alias), '{}') FROM aliases WHERE aliases.model_id = models.model_id)
        AS aliases,
    answers IS NOT NULL AS has_answers,
    tested_on(lineage, testing_set) AS tested_on,
    CASE WHEN tested_on(lineage, testing_set) IS NOT NULL THEN jsonb_build_object(
        'digest', tested_on(lineage, testing_set),
        'collection', definition #>> '{dataset,options,collection}',
        'examples', lineage #> '{examples,testing,count}',
        'first', lineage #> '{examples,testing,first}',
        'last', lineage #> '{examples,testing,last}'
    ) END AS testing_set,
    tested_on(lineage, testing_set) || coalesce(' ' || encode(validation_set, 'hex'), '') AS chosen_on,
    CASE WHEN validation_set IS NOT NULL THEN jsonb_build_object(
        'digest', encode(validation_set, 'hex'),
        'examples', scores #> '{validation,count}',
        'folds', lineage #> '{examples,folds,count}'
    ) END AS validation_set,
    CASE WHEN validation_set IS NULL THEN accuracy ELSE choice_score(scores, 'accuracy') END AS choice_accuracy,
    CASE WHEN validation_set IS NULL THEN macro_f1 ELSE choice_score(scores, 'macro_f1') END AS choice_macro_f1,
    scores, retired_at, retired_by, retired_for
FROM models
"""


def upgrade() -> None:
    """Add the table of deleted models and what retired ones have; histories no longer hold models."""
    for statement in (DELETED, RETIRED, HISTORIES, NAMED_MODELS, ANNOUNCEMENTS, DEFINITION_MODELS, LISTED_MODELS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: an older version would not know which versions were given before."""
    raise NotImplementedError("this migration of the models database is not undone")
