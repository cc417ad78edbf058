"""Models are ranked by the metric of their run, on the examples that their dataset holds back for choosing."""

from alembic import op

revision = "0008"
down_revision = "0007"

RUNS = "ALTER TABLE runs ADD COLUMN metric text NOT NULL DEFAULT 'accuracy'"

# `validation_set` is NULL if the testing set chooses. `shares` are of the set that chooses, and of `metric`.
MODELS = """
ALTER TABLE models
    ADD COLUMN metric text NOT NULL DEFAULT 'accuracy',
    ADD COLUMN validation_set bytea REFERENCES testing_sets,
    ADD COLUMN validation_answers bytea,
    ADD COLUMN shares bytea,
    ADD CONSTRAINT models_validation_check CHECK ((validation_set IS NULL) = (validation_answers IS NULL)),
    ADD CONSTRAINT models_shares_check CHECK (metric <> 'accuracy' OR shares IS NULL);
ALTER TABLE models
    ALTER COLUMN validation_answers SET STORAGE EXTERNAL,  -- encrypted, so they do not compress
    ALTER COLUMN shares SET STORAGE EXTERNAL
"""

# A metric as plans write it: `accuracy`, `macro_f1`, … or `f1:CLASS`, `recall:CLASS`.
METRIC_PATH = """
CREATE FUNCTION metric_path(metric text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN metric LIKE 'f1:%' THEN ARRAY['per_class', substr(metric, 4), 'f1']
    WHEN metric LIKE 'recall:%' THEN ARRAY['per_class', substr(metric, 8), 'recall']
    ELSE ARRAY[metric]
END
"""

CHOICE_SCORE = """
CREATE FUNCTION choice_score(scores jsonb, metric text) RETURNS double precision LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (coalesce(scores #> '{validation,mean}', scores) #>> metric_path(metric))::double precision
"""

CHOICE_DEVIATION = """
CREATE FUNCTION choice_deviation(scores jsonb, metric text) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (scores #> '{validation,deviation}' #>> metric_path(metric))::double precision
"""

# Only models with the same `chosen_on` are ranked among each other: they are tested on the same examples, and the same
# examples choose. Scores are large: the two that every list needs are read from columns where the testing set chooses.
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
    scores
FROM models
"""


def upgrade() -> None:
    """Add the columns and the functions, and replace the view."""
    for statement in (RUNS, MODELS, METRIC_PATH, CHOICE_SCORE, CHOICE_DEVIATION, LISTED_MODELS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: an older version would rank models on the examples that were held back for reporting."""
    raise NotImplementedError("this migration of the models database is not undone")
