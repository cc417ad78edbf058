"""What several queries share: a definition's model, which definitions are wanted, and how long an example takes."""

from alembic import op

revision = "0006"
down_revision = "0005"

# A duplicate has the model of its original, which may itself be reused from another run.
DEFINITION_MODELS = """
CREATE VIEW definition_models AS
SELECT listed.run_id, listed.label, listed.position, listed.state, listed.error, listed.definition,
    listed.duplicate_of, listed.examples_digest, listed.started_at, listed.ended_at, runs.created_at AS planned_at,
    coalesce(source.reused_model_id, own.model_id) AS model_id
FROM definitions AS listed
JOIN runs ON runs.run_id = listed.run_id
JOIN definitions AS source ON source.run_id = listed.run_id
    AND source.label = coalesce(listed.duplicate_of, listed.label)
LEFT JOIN models AS own ON own.run_id = source.run_id AND own.label = source.label
"""

# NULL filters nothing. Without a run, a model is listed once, under the run that trained it. `options` is a list of
# lists of alternatives; a definition must have one of each list: [[{"model": {"options": {"kernel": "rbf"}}}]].
FIND_DEFINITIONS = """
CREATE FUNCTION find_definitions(
    runs text[], states text[], datasets text[], adapters text[], models text[], part_of_label text, options jsonb
) RETURNS SETOF definition_models LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
SELECT * FROM definition_models AS listed
WHERE (runs IS NULL AND listed.state NOT IN ('reused', 'duplicate') OR listed.run_id = ANY(runs))
    AND (states IS NULL OR listed.state = ANY(states))
    AND (datasets IS NULL OR listed.definition #>> '{dataset,name}' = ANY(datasets))
    AND (adapters IS NULL OR listed.definition #>> '{adapter,name}' = ANY(adapters))
    AND (models IS NULL OR listed.definition #>> '{model,name}' = ANY(models))
    AND (part_of_label IS NULL OR strpos(lower(listed.label), lower(part_of_label)) > 0)
    AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(options) AS choices
        WHERE NOT EXISTS (
            SELECT FROM jsonb_array_elements(choices) AS choice, jsonb_each(choice) AS part (section, body),
                jsonb_each(body -> 'options') AS option (name, value)
            WHERE listed.definition #> ARRAY[section, 'options', option.name] = option.value
        )
    );
END
"""

# Training and testing together.
SECONDS_PER_EXAMPLE = """
CREATE FUNCTION seconds_per_example(training_seconds double precision, lineage jsonb) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN training_seconds / (
    (lineage #>> '{examples,training,count}')::integer + (lineage #>> '{examples,testing,count}')::integer
)
"""


def upgrade() -> None:
    """Create the view and the functions."""
    for statement in (DEFINITION_MODELS, FIND_DEFINITIONS, SECONDS_PER_EXAMPLE):
        op.execute(statement)


def downgrade() -> None:
    """Drop the functions and the view."""
    op.execute("DROP FUNCTION seconds_per_example, find_definitions")
    op.execute("DROP VIEW definition_models")
