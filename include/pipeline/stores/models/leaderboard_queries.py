"""Every query for the leaderboard: definitions and their models, filtered and in any order; no document is read."""

from typing import Final, LiteralString

# A duplicate has the model of what it is a duplicate of, which may itself be reused from another run. Where no run is
# asked for, a model is listed once, under the run that trained it.
_LISTED: Final = """
WITH listed AS (
    SELECT listed.run_id, listed.label, listed.position, listed.state, listed.error, listed.definition,
        listed.duplicate_of, listed.started_at, listed.ended_at, runs.created_at AS planned_at,
        coalesce(source.reused_model_id, own.model_id) AS model_id
    FROM definitions AS listed
    JOIN runs ON runs.run_id = listed.run_id
    JOIN definitions AS source ON source.run_id = listed.run_id
        AND source.label = coalesce(listed.duplicate_of, listed.label)
    LEFT JOIN models AS own ON own.run_id = source.run_id AND own.label = source.label
    WHERE (%(runs)s::text[] IS NULL AND listed.state NOT IN ('reused', 'duplicate') OR listed.run_id = ANY(%(runs)s))
        AND (%(states)s::text[] IS NULL OR listed.state = ANY(%(states)s))
        AND (%(datasets)s::text[] IS NULL OR listed.definition #>> '{dataset,name}' = ANY(%(datasets)s))
        AND (%(adapters)s::text[] IS NULL OR listed.definition #>> '{adapter,name}' = ANY(%(adapters)s))
        AND (%(models)s::text[] IS NULL OR listed.definition #>> '{model,name}' = ANY(%(models)s))
        AND (%(text)s::text IS NULL OR strpos(lower(listed.label), lower(%(text)s)) > 0)
        AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(%(options)s) AS choices
            WHERE NOT EXISTS (
                SELECT FROM jsonb_array_elements(choices) AS choice, jsonb_each(choice) AS part (section, body),
                    jsonb_each(body -> 'options') AS option (name, value)
                WHERE listed.definition #> ARRAY[section, 'options', option.name] = option.value
            )
        )
)
"""

# Only models that were tested on the same examples are ranked among each other.
_RANKED: Final = """, ranked AS (
    SELECT listed.*, models.label AS model_label, version, models.run_id AS model_run_id, accuracy, macro_f1, gain,
        training_seconds, size_bytes, created_at, tested_on, has_answers,
        CASE WHEN tested_on IS NOT NULL THEN dense_rank() OVER best_first END AS rank,
        CASE WHEN tested_on IS NOT NULL THEN first_value(model_id) OVER best_first END AS best_model_id,
        max(listed.planned_at) OVER (PARTITION BY tested_on) AS newest_run
    FROM listed LEFT JOIN listed_models AS models USING (model_id)
    WINDOW best_first AS (
        PARTITION BY tested_on ORDER BY accuracy DESC NULLS LAST, macro_f1 DESC, models.label, version DESC
    )
)
SELECT page.*, accuracy_interval, marks, testing_set, aliases, trained.map_index
FROM (SELECT * FROM ranked ORDER BY """

_PAGE: Final = """ LIMIT %(limit)s OFFSET %(offset)s) AS page
LEFT JOIN (
    SELECT model_id, accuracy_interval, marks, testing_set, aliases FROM listed_models
) AS models USING (model_id)
LEFT JOIN definitions AS trained ON trained.run_id = coalesce(page.model_run_id, page.run_id)
    AND trained.label = coalesce(page.model_label, page.label)
ORDER BY """

_ORDERS: Final[dict[str, tuple[LiteralString, ...]]] = {
    "accuracy": ("accuracy", "macro_f1"),
    "macro_f1": ("macro_f1", "accuracy"),
    "gain": ("gain", "accuracy"),
    "training_seconds": ("training_seconds",),
    "size_bytes": ("size_bytes",),
    "created_at": ("created_at",),
    "label": ("label",),
    "state": ("state", "accuracy"),
    "run_id": ("run_id", "accuracy"),
}

SCORES: Final = ("accuracy", "macro_f1", "gain")
"""What can be compared within one testing set only: sorted by one of these, the models of each stand together."""


def _order(columns: tuple[LiteralString, ...], direction: LiteralString, table: LiteralString) -> LiteralString:
    first, *others = columns
    together: LiteralString = (
        f"({table}tested_on IS NULL), {table}newest_run DESC, {table}tested_on, " if first in SCORES else ""
    )
    more: LiteralString = "".join(f", {table}{other} DESC NULLS LAST" for other in others)
    return f"{together}{table}{first} {direction} NULLS LAST{more}, {table}label, {table}run_id"


def _select(columns: tuple[LiteralString, ...], direction: LiteralString) -> LiteralString:
    return _LISTED + _RANKED + _order(columns, direction, "") + _PAGE + _order(columns, direction, "page.")


SELECT_LEADERBOARD: Final[dict[str, LiteralString]] = {
    sign + name: _select(columns, direction)
    for name, columns in _ORDERS.items()
    for sign, direction in (("", "ASC"), ("-", "DESC"))
}
"""By the column to sort by, `-` before it for the largest first; what has no value comes last either way."""

_STATES: Final = "SELECT state, count(*) FROM listed GROUP BY state"

_NAMES: Final = """
SELECT section, definition #>> ARRAY[section, 'name'] AS name, count(*)
FROM listed, unnest(ARRAY['dataset', 'adapter', 'model']) AS section
GROUP BY 1, 2 ORDER BY 1, 2
"""

# Of the newest definitions only: to look at the options of all that there ever were takes too long for a page.
_OPTIONS: Final = """, newest AS (
    SELECT definition FROM listed JOIN runs USING (run_id) ORDER BY runs.created_at DESC LIMIT 2000
)
SELECT section, option.key AS option, array_agg(DISTINCT option.value) AS values
FROM newest, unnest(ARRAY['dataset', 'adapter', 'model']) AS section,
    jsonb_each(definition #> ARRAY[section, 'options']) AS option
GROUP BY 1, 2 HAVING count(DISTINCT option.value) > 1 ORDER BY 1, 2
"""

COUNT_STATES, SELECT_NAMES, SELECT_OPTIONS = _LISTED + _STATES, _LISTED + _NAMES, _LISTED + _OPTIONS

SELECT_ANSWERS: Final = """
SELECT model_id, testing_set, answers FROM models WHERE model_id = ANY(%(model_ids)s) AND answers IS NOT NULL
"""

SELECT_TRUTHS: Final = """
SELECT sha256, truths FROM testing_sets WHERE sha256 = ANY(%(testing_sets)s)
"""
