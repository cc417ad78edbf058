"""Models of one recipe: what stays the same when a definition is trained on a later span."""

from alembic import op

revision = "0014"
down_revision = "0013"

# The moments of a dataset are the options whose names end so. Definitions that were written before an option was added
# lack it, so recipes are not compared by a digest.
RECIPE_OF = r"""
CREATE FUNCTION recipe_of(definition jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN jsonb_set(definition, '{dataset,options}', (
    SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(definition #> '{dataset,options}')
    WHERE key NOT LIKE '%\_datetime\_str'
))
"""

OF_CLASSES = """
CREATE INDEX models_classes ON models (
    (definition #>> '{adapter,name}'), (definition #>> '{model,name}'), (definition #>> '{dataset,name}')
)
"""


def upgrade() -> None:
    """Add the function, and an index by which models of the same classes are found."""
    op.execute(RECIPE_OF)
    op.execute(OF_CLASSES)


def downgrade() -> None:
    """Refuse, as every migration of the models database."""
    raise NotImplementedError("this migration of the models database is not undone")
