"""Which task instance trains a definition, which examples a run began with, and models by what they were tested on."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Earlier definitions have neither: the instance that trained them was not recorded.
DEFINITIONS = """
ALTER TABLE definitions
    ADD COLUMN map_index integer CHECK (map_index >= 0),
    ADD COLUMN examples_digest text
"""

# Models are compared with those that were tested on the same examples. The lineage has their digest for every model,
# also for one whose answers are not stored.
TESTED_ON = """
CREATE FUNCTION tested_on(lineage jsonb, testing_set bytea) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(lineage #>> '{examples,testing,digest}', encode(testing_set, 'hex'))
"""

MODELS = "CREATE INDEX models_tested_on ON models (tested_on(lineage, testing_set))"

LISTED_MODELS = """
CREATE VIEW listed_models AS
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
    ) END AS testing_set
FROM models
"""


def upgrade() -> None:
    """Add the columns, the function, the index and the view."""
    for statement in (DEFINITIONS, TESTED_ON, MODELS, LISTED_MODELS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: an older version would compute which instance trained a definition, and be wrong."""
    raise NotImplementedError("this migration of the models database is not undone")
