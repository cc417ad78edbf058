"""Every query to the ledger."""

from typing import Final

INSERT_RUN: Final = """
INSERT INTO runs (run_id, plan, permutations, repeated, seed, encoding)
VALUES (%(run_id)s, %(plan)s, %(permutations)s, %(repeated)s, %(seed)s, %(encoding)s)
ON CONFLICT (run_id) DO UPDATE SET plan = EXCLUDED.plan, permutations = EXCLUDED.permutations,
    repeated = EXCLUDED.repeated, seed = EXCLUDED.seed, encoding = EXCLUDED.encoding, refusal = NULL,
    closed_at = NULL
"""

INSERT_REFUSED_RUN: Final = """
INSERT INTO runs (run_id, permutations, refusal, closed_at) VALUES (%(run_id)s, 0, %(refusal)s, now())
ON CONFLICT (run_id) DO UPDATE SET refusal = EXCLUDED.refusal, closed_at = EXCLUDED.closed_at
WHERE runs.refusal IS NOT NULL
"""

SELECT_LABELS: Final = "SELECT label FROM definitions WHERE run_id = %(run_id)s"

# Reused and duplicate definitions have no task instance.
SELECT_LABELS_TO_TRAIN: Final = """
SELECT label FROM definitions WHERE run_id = %(run_id)s AND state NOT IN ('reused', 'duplicate') ORDER BY position
"""

INSERT_EXCLUSION: Final = """
INSERT INTO exclusions (run_id, position, rule, permutations)
VALUES (%(run_id)s, %(position)s, %(rule)s, %(permutations)s)
"""

COPY_DEFINITIONS: Final = """
COPY definitions (run_id, label, position, definition, examples_digest, state, duplicate_of, reused_model_id) FROM STDIN
"""

# A run that is expanded again begins with the examples that there are now, in task instances numbered anew. What was
# reused may be a model of other examples by now; what has been trained, or is being trained, keeps its state.
EXPAND_AGAIN: Final = """
UPDATE definitions SET
    examples_digest = expanded.examples_digest,
    map_index = NULL,
    state = expanded.state,
    duplicate_of = expanded.duplicate_of,
    reused_model_id = expanded.reused_model_id,
    ended_at = CASE WHEN expanded.state = 'planned' THEN NULL ELSE ended_at END
FROM (
    SELECT label, given.examples_digest,
        CASE WHEN began THEN stands.state ELSE given.state END AS state,
        CASE WHEN began THEN stands.duplicate_of ELSE given.duplicate_of END AS duplicate_of,
        CASE WHEN began THEN stands.reused_model_id ELSE given.reused_model_id END AS reused_model_id
    FROM unnest(
        %(labels)s::text[], %(digests)s::text[], %(states)s::text[], %(originals)s::text[], %(models)s::bigint[]
    ) AS given (label, examples_digest, state, duplicate_of, reused_model_id)
    JOIN definitions AS stands USING (label)
    CROSS JOIN LATERAL (SELECT stands.state IN ('training', 'trained') AS began) AS progress
    WHERE stands.run_id = %(run_id)s
) AS expanded
WHERE definitions.run_id = %(run_id)s AND definitions.label = expanded.label
"""

SELECT_STATE: Final = "SELECT state FROM definitions WHERE run_id = %(run_id)s AND label = %(label)s"

BEGIN_TRAINING: Final = """
UPDATE definitions SET state = 'training', started_at = now(), ended_at = NULL, error = NULL,
    duplicate_of = NULL, reused_model_id = NULL, map_index = %(map_index)s
FROM runs
WHERE runs.run_id = %(run_id)s AND definitions.run_id = %(run_id)s AND label = %(label)s
RETURNING definition, seed, encoding, examples_digest
"""

# Whoever opens or closes a run holds it first: until a training has begun nobody closes its run.
HOLD_RUN: Final = "SELECT FROM runs WHERE run_id = %(run_id)s FOR NO KEY UPDATE"

# A definition that is cleared after its run was closed is trained once more.
REOPEN_RUN: Final = "UPDATE runs SET closed_at = NULL WHERE run_id = %(run_id)s AND closed_at IS NOT NULL"

# What ended otherwise meanwhile stays as it is: by hand, or trained by another try.
RECORD_ERROR: Final = """
UPDATE definitions SET error = %(error)s, state = CASE WHEN %(final)s THEN 'failed' ELSE state END,
    ended_at = CASE WHEN %(final)s THEN now() ELSE ended_at END
WHERE run_id = %(run_id)s AND label = %(label)s AND state IN ('planned', 'training', 'failed')
"""

GIVE_UP: Final = """
UPDATE definitions SET state = 'failed', ended_at = now()
WHERE run_id = %(run_id)s AND label = %(label)s AND state = 'training'
"""

# The error stays until the training begins: nobody knows yet whether it will.
PLAN_AGAIN: Final = """
UPDATE definitions SET state = 'planned', ended_at = NULL
WHERE run_id = %(run_id)s AND state IN ('training', 'failed', 'cancelled')
"""

CLOSE_RUN: Final = """
WITH unfinished AS (
    UPDATE definitions SET state = %(state)s, ended_at = now(), error = coalesce(error, %(error)s)
    WHERE run_id = %(run_id)s AND state IN ('planned', 'training')
)
UPDATE runs SET closed_at = now() WHERE run_id = %(run_id)s
"""

HAS_UNFINISHED: Final = """
SELECT EXISTS (SELECT FROM definitions WHERE run_id = %(run_id)s AND state IN ('planned', 'training'))
"""

# Closed, and each of its models has been announced as it is.
IS_SETTLED: Final = """
SELECT closed_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM models LEFT JOIN notifications USING (model_id)
    WHERE models.run_id = runs.run_id AND published_at IS NULL
)
FROM runs WHERE run_id = %(run_id)s
"""

SELECT_OPEN_RUNS: Final = "SELECT run_id FROM runs WHERE closed_at IS NULL ORDER BY created_at, run_id"

SELECT_RUNS: Final = """
SELECT run_id, created_at, closed_at, refusal, seed, accounts.permutations, definitions, planned, training, trained,
    reused, duplicate, excluded, failed, cancelled
FROM runs JOIN accounts USING (run_id)
WHERE %(run_id)s::text IS NULL OR run_id = %(run_id)s
ORDER BY created_at DESC, run_id LIMIT %(limit)s OFFSET %(offset)s
"""

COUNT_RUNS: Final = "SELECT count(*) FROM runs"

SELECT_EXCLUSIONS: Final = """
SELECT rule, permutations FROM exclusions WHERE run_id = %(run_id)s ORDER BY position
"""

# A duplicate has the scores of what it is a duplicate of, which may itself be reused from another run.
SELECT_DEFINITIONS: Final = """
SELECT listed.position, listed.label, listed.state, listed.duplicate_of, listed.error, listed.definition,
    listed.examples_digest, listed.started_at, listed.ended_at, trained.map_index, models.label AS model_label,
    models.version, models.run_id AS model_run_id, models.accuracy, models.macro_f1, models.accuracy_interval,
    models.baseline_accuracy, models.gain, models.marks, models.testing_set, models.training_seconds, models.size_bytes
FROM definitions AS listed
JOIN definitions AS source ON source.run_id = listed.run_id
    AND source.label = coalesce(listed.duplicate_of, listed.label)
LEFT JOIN listed_models AS models ON models.model_id = source.reused_model_id
    OR (source.reused_model_id IS NULL AND models.run_id = source.run_id AND models.label = source.label)
LEFT JOIN definitions AS trained ON trained.run_id = coalesce(models.run_id, source.run_id)
    AND trained.label = coalesce(models.label, source.label)
WHERE listed.run_id = %(run_id)s
ORDER BY listed.position
"""
