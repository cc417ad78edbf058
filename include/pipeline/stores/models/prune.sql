-- What a policy lets go. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: select_prunable
-- List models that are older than some days and that nothing keeps, oldest first.
-- Kept are: what an alias points at and what it pointed at before; what has not been announced; models of a run that is
-- open; the best of each testing set, by the metric of their runs; of each recipe, those that were tested last.
WITH standing AS (
    SELECT model_id, models.retired_at, chosen_on, choice_macro_f1, models.definition, lineage,
        CASE metric
            WHEN 'accuracy' THEN choice_accuracy
            WHEN 'log_loss' THEN -choice_score(listed.scores, 'log_loss')
            ELSE choice_score(listed.scores, metric)
        END AS standing
    FROM listed_models AS listed JOIN models USING (model_id)
), placed AS (
    SELECT model_id,
        row_number() OVER (
            PARTITION BY coalesce(chosen_on, model_id::text)
            ORDER BY standing DESC NULLS LAST, choice_macro_f1 DESC, model_id DESC
        ) AS place_in_set,
        row_number() OVER (
            PARTITION BY recipe_of(definition)
            ORDER BY lineage #>> '{examples,testing,last}' DESC NULLS LAST, standing DESC NULLS LAST, model_id DESC
        ) AS place_of_recipe
    FROM standing WHERE retired_at IS NULL
    UNION ALL
    SELECT model_id, NULL, NULL FROM standing WHERE retired_at IS NOT NULL
), aliased AS (
    SELECT moves.model_id
    FROM aliases CROSS JOIN LATERAL (
        SELECT model_id FROM alias_moves
        WHERE alias_moves.alias = aliases.alias ORDER BY alias_moves.move_id DESC LIMIT 2
    ) AS moves
)
SELECT model_id, label, version, models.run_id, size_bytes, models.created_at
FROM placed JOIN models USING (model_id) JOIN runs ON runs.run_id = models.run_id
WHERE models.created_at < now() - make_interval(days => :'days')
    AND (place_in_set IS NULL OR place_in_set > :'best' AND place_of_recipe > :'of_recipe')
    AND closed_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM aliased WHERE aliased.model_id = models.model_id)
    AND EXISTS (SELECT FROM notifications WHERE notifications.model_id = models.model_id AND published_at IS NOT NULL)
ORDER BY models.created_at, model_id;

-- name: select_prunable_runs
-- List runs that were closed longer ago and have no model of their own, except these models.
SELECT run_id FROM runs
WHERE closed_at < now() - make_interval(days => :'days')
    AND NOT EXISTS (SELECT FROM models WHERE models.run_id = runs.run_id AND model_id <> ALL(:'ids'))
ORDER BY closed_at, run_id;

-- name: delete_runs
-- Delete runs with their definitions, unless they have been opened again or have models.
DELETE FROM runs
WHERE run_id = ANY(:'runs') AND closed_at IS NOT NULL
    AND NOT EXISTS (SELECT FROM models WHERE models.run_id = runs.run_id);

-- name: count_evaluations
-- Count evaluations of longer ago.
SELECT count(*) FROM evaluations WHERE evaluated_at < now() - make_interval(days => :'days');

-- name: delete_evaluations
-- Delete evaluations of longer ago, and get their testing sets.
DELETE FROM evaluations WHERE evaluated_at < now() - make_interval(days => :'days') RETURNING testing_set;

-- name: count_split_accounts
-- Count accounts of splits that were counted longer ago.
SELECT count(*) FROM split_accounts WHERE counted_at < now() - make_interval(days => :'days');

-- name: delete_split_accounts
-- Delete accounts of splits that were counted longer ago; whoever needs one lets it be counted again.
DELETE FROM split_accounts WHERE counted_at < now() - make_interval(days => :'days');

-- name: delete_names
-- Delete names of models that were deleted longer ago.
-- Kept are the name that gives the next version of its label, and those that the history of an alias says.
DELETE FROM deleted_models AS named
WHERE deleted_at < now() - make_interval(days => :'days')
    AND EXISTS (SELECT FROM named_models AS later WHERE later.label = named.label AND later.version > named.version)
    AND NOT EXISTS (SELECT FROM alias_moves WHERE alias_moves.model_id = named.model_id);

-- name: find_moment
-- Get the moment some days ago, or an earlier one at which a run began that is still open.
SELECT least(now() - make_interval(days => :'days'), (SELECT min(created_at) FROM runs WHERE closed_at IS NULL));
