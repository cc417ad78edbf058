-- Runs and the state of each of their definitions. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: insert_run
-- Write a run, or open it again with the current meaning of its plan. What it is called may have been changed since.
INSERT INTO runs (run_id, plan, permutations, repeated, seed, encoding, metric, search, budgets, name, note, tags)
VALUES (:'run_id', :'plan', :'permutations', :'repeated', :'seed', :'encoding', :'metric', :search, :budgets, :name,
    :note, :'tags')
ON CONFLICT (run_id) DO UPDATE SET plan = EXCLUDED.plan, permutations = EXCLUDED.permutations,
    repeated = EXCLUDED.repeated, seed = EXCLUDED.seed, encoding = EXCLUDED.encoding,
    metric = EXCLUDED.metric, search = EXCLUDED.search, budgets = EXCLUDED.budgets, began_at = now(),
    refusal = NULL, closed_at = NULL
WHERE :'again'::boolean;

-- name: insert_refused_run
-- Write a run whose plan was refused, unless it was accepted before.
INSERT INTO runs (run_id, permutations, refusal, closed_at) VALUES (:'run_id', 0, :'refusal', now())
ON CONFLICT (run_id) DO UPDATE SET refusal = EXCLUDED.refusal, closed_at = EXCLUDED.closed_at
WHERE runs.refusal IS NOT NULL;

-- name: fail_planned
-- Mark what a run has not begun as failed: its plan was accepted once, and is refused now.
UPDATE definitions SET state = 'failed', ended_at = now(), error = :'refusal'
WHERE run_id = :'run_id' AND state = 'planned';

-- name: select_plan
-- Get the plan of a run; that of a refused run is not known.
SELECT plan FROM runs WHERE run_id = :'run_id';

-- name: select_labels
-- List the labels of a run's definitions.
SELECT label FROM definitions WHERE run_id = :'run_id';

-- name: select_labels_to_train
-- List the labels that get a task instance, in the plan's order; reused definitions and duplicates get none.
SELECT label FROM definitions WHERE run_id = :'run_id' AND state NOT IN ('reused', 'duplicate') ORDER BY position;

-- name: insert_exclusion
-- Write a rule that excluded permutations of a run, and how many.
INSERT INTO exclusions (run_id, position, rule, permutations)
VALUES (:'run_id', :'position', :'rule', :'permutations');

-- name: copy_definitions
-- Write a run's definitions.
COPY definitions (run_id, label, position, definition, examples_digest, state, duplicate_of, reused_model_id) FROM STDIN;

-- name: forget_trials
-- Delete the trials of definitions whose examples have changed since the run began.
DELETE FROM trials
USING definitions AS stands
JOIN unnest(:'labels'::text[], :'digests'::text[]) AS given (label, examples_digest) USING (label)
WHERE stands.run_id = :'run_id' AND stands.examples_digest IS DISTINCT FROM given.examples_digest
    AND trials.run_id = stands.run_id AND trials.label = stands.label;

-- name: expand_again
-- Restart a run with the current examples; definitions that are being trained or have been keep their state.
-- The task instances are numbered again. Reuse is decided again: the stored model may be of other examples now. But what
-- has taken part in a search stays in it while the examples are the same, and must be tried again when they are not.
UPDATE definitions SET
    examples_digest = expanded.examples_digest,
    map_index = NULL,
    budget = NULL,
    state = expanded.state,
    duplicate_of = expanded.duplicate_of,
    reused_model_id = expanded.reused_model_id,
    ended_at = CASE WHEN expanded.state = 'planned' THEN NULL ELSE ended_at END
FROM (
    SELECT label, given.examples_digest,
        CASE WHEN began THEN stands.state WHEN takes_part THEN 'planned' ELSE given.state END AS state,
        CASE WHEN began OR takes_part THEN stands.duplicate_of ELSE given.duplicate_of END AS duplicate_of,
        CASE WHEN began OR takes_part THEN stands.reused_model_id ELSE given.reused_model_id END AS reused_model_id
    FROM unnest(
        :'labels'::text[], :'digests'::text[], :'states'::text[], :'originals'::text[], :'models'::bigint[]
    ) AS given (label, examples_digest, state, duplicate_of, reused_model_id)
    JOIN definitions AS stands USING (label)
    JOIN runs USING (run_id)
    CROSS JOIN LATERAL (
        SELECT stands.examples_digest IS NOT DISTINCT FROM given.examples_digest AS is_same, search IS NOT NULL AS searches,
            EXISTS (SELECT FROM models WHERE models.run_id = stands.run_id AND models.label = stands.label) AS has_model
    ) AS compared
    CROSS JOIN LATERAL (
        SELECT (stands.state = 'training' OR stands.state = 'trained' AND has_model) AND (is_same OR NOT searches) AS began,
            stands.state NOT IN ('reused', 'duplicate') AND is_same AND searches AS takes_part
    ) AS progress
    WHERE stands.run_id = :'run_id'
) AS expanded
WHERE definitions.run_id = :'run_id' AND definitions.label = expanded.label;

-- name: select_state
-- Get the state of a definition.
SELECT state FROM definitions WHERE run_id = :'run_id' AND label = :'label';

-- name: begin_training
-- Mark a definition as being trained and get what to train.
UPDATE definitions SET state = 'training', started_at = now(), ended_at = NULL, error = NULL,
    duplicate_of = NULL, reused_model_id = NULL, budget = NULL, map_index = :map_index, host = :host
FROM runs
WHERE runs.run_id = :'run_id' AND definitions.run_id = :'run_id' AND label = :'label'
RETURNING definition, seed, encoding, metric, examples_digest, (budgets ->> 'max_memory_mb')::integer;

-- name: hold_run
-- Lock a run before it is opened or closed: it cannot be closed between a training's start and its mark.
SELECT FROM runs WHERE run_id = :'run_id' FOR NO KEY UPDATE;

-- name: reopen_run
-- Open a closed run again for a definition that was cleared after its end; its budgets then count anew.
UPDATE runs SET closed_at = NULL, began_at = now() WHERE run_id = :'run_id' AND closed_at IS NOT NULL;

-- name: restart_run
-- Open a run again that is resumed, whether it was closed or not; its budgets then count anew.
UPDATE runs SET closed_at = NULL, began_at = now() WHERE run_id = :'run_id';

-- name: record_error
-- Write why a try failed; a definition that has ended since, by hand or in another try, stays as it is.
UPDATE definitions SET error = :'error', state = CASE WHEN :'final'::boolean THEN 'failed' ELSE state END,
    ended_at = CASE WHEN :'final'::boolean THEN now() ELSE ended_at END
WHERE run_id = :'run_id' AND label = :'label' AND state IN ('planned', 'training', 'failed');

-- name: give_up
-- Mark a definition as failed after its last try; the error that a try has written stays.
UPDATE definitions SET state = 'failed', ended_at = now(), error = coalesce(error, :'error')
WHERE run_id = :'run_id' AND label = :'label' AND state IN ('planned', 'training');

-- name: plan_definition
-- Plan a definition again that has ended without a model, because its task instance has been cleared.
UPDATE definitions SET state = 'planned', ended_at = NULL, budget = NULL
WHERE run_id = :'run_id' AND label = :'label' AND (state IN ('failed', 'cancelled') OR budget = 'max_minutes');

-- name: stop
-- Mark a definition as stopped by the search, and why.
UPDATE definitions SET state = 'stopped', error = :'reason', ended_at = now(), map_index = :map_index
WHERE run_id = :'run_id' AND label = :'label' AND state IN ('planned', 'training');

-- name: cancel_rest
-- Cancel what has not begun if as many definitions of a run have failed as `max_failures` says, a number or a share.
-- Those that failed before the run was opened again do not count.
WITH counted AS (
    SELECT count(*) FILTER (WHERE state = 'failed' AND ended_at >= began_at) AS failed,
        count(*) FILTER (WHERE state NOT IN ('reused', 'duplicate')) AS definitions
    FROM definitions JOIN runs USING (run_id) WHERE run_id = :'run_id'
), budget AS (
    SELECT budgets ->> 'max_failures' AS written, (budgets ->> 'max_failures')::numeric AS most
    FROM runs WHERE run_id = :'run_id'
)
UPDATE definitions SET state = 'cancelled', budget = 'max_failures', ended_at = now(),
    error = concat(failed, ' of ', counted.definitions, ' definitions have failed, and max_failures is ', written)
FROM counted, budget
WHERE run_id = :'run_id' AND state = 'planned'
    AND failed >= CASE WHEN most < 1 THEN ceil(most * counted.definitions) ELSE most END;

-- name: plan_again
-- Plan definitions that have no model of their own and reuse none; errors stay until the training begins.
UPDATE definitions SET state = 'planned', ended_at = NULL, budget = NULL
WHERE run_id = :'run_id' AND (state IN ('training', 'failed', 'cancelled') OR budget = 'max_minutes');

-- name: close_run
-- Close a run, and give definitions that have not ended the given state.
WITH unfinished AS (
    UPDATE definitions SET state = :'state', ended_at = now(), error = coalesce(error, :'error')
    WHERE run_id = :'run_id' AND state IN ('planned', 'training')
)
UPDATE runs SET closed_at = now() WHERE run_id = :'run_id';

-- name: has_unfinished
-- Return whether a definition of a run is planned or being trained.
SELECT EXISTS (SELECT FROM definitions WHERE run_id = :'run_id' AND state IN ('planned', 'training'));

-- name: is_settled
-- Return whether a run is closed and each of its models has been announced in its current version.
SELECT closed_at IS NOT NULL AND NOT EXISTS (
    SELECT FROM models LEFT JOIN notifications USING (model_id)
    WHERE models.run_id = runs.run_id AND published_at IS NULL
)
FROM runs WHERE run_id = :'run_id';

-- name: select_open_runs
-- List the runs that are not closed, oldest first.
SELECT run_id FROM runs WHERE closed_at IS NULL ORDER BY created_at, run_id;

-- name: select_runs
-- List runs, or one run, newest first, with the number of their permutations in each state.
SELECT run_id, name, note, tags, created_at, closed_at, refusal, seed, metric, accounts.permutations, definitions,
    planned, training, trained, reused, duplicate, excluded, stopped, failed, cancelled
FROM runs JOIN accounts USING (run_id)
WHERE (:run_id::text IS NULL OR run_id = :run_id) AND (:tag::text IS NULL OR :tag = ANY (tags))
    AND (:text::text IS NULL OR strpos(lower(concat_ws(' ', run_id, name, note)), lower(:text)) > 0)
ORDER BY created_at DESC, run_id LIMIT :'limit' OFFSET :'offset';

-- name: count_runs
-- Count all runs, or those with a tag or a text.
SELECT count(*) FROM runs
WHERE (:tag::text IS NULL OR :tag = ANY (tags))
    AND (:text::text IS NULL OR strpos(lower(concat_ws(' ', run_id, name, note)), lower(:text)) > 0);

-- name: select_exclusions
-- List the rules that excluded permutations of a run, in the plan's order.
SELECT rule, permutations FROM exclusions WHERE run_id = :'run_id' ORDER BY position;

-- name: select_definitions
-- List a run's definitions in the plan's order with their models.
SELECT listed.position, listed.label, listed.state, listed.duplicate_of, listed.error, own.budget, listed.definition,
    listed.examples_digest, listed.started_at, listed.ended_at, trained.map_index, models.label AS model_label,
    models.version, models.run_id AS model_run_id, models.accuracy, models.macro_f1, models.accuracy_interval,
    models.baseline_accuracy, models.gain, models.marks, models.testing_set, models.validation_set,
    models.training_seconds, models.size_bytes, runs.metric,
    CASE runs.metric WHEN 'accuracy' THEN choice_accuracy ELSE choice_score(models.scores, runs.metric) END AS score,
    CASE WHEN models.validation_set IS NOT NULL THEN choice_deviation(models.scores, runs.metric) END AS deviation,
    choice_macro_f1
FROM definition_models AS listed
JOIN runs ON runs.run_id = listed.run_id
JOIN definitions AS own ON own.run_id = listed.run_id AND own.label = listed.label
LEFT JOIN listed_models AS models USING (model_id)
LEFT JOIN definitions AS trained ON trained.run_id = coalesce(models.run_id, listed.run_id)
    AND trained.label = coalesce(models.label, listed.duplicate_of, listed.label)
WHERE listed.run_id = :'run_id'
ORDER BY listed.position;
