-- Definitions and their models, filtered and in any order. No document is read. How to paste a query into psql: see
-- `pipeline/stores/queries.py`; filters that leave nothing out are NULL, and `:'options'` is then [].

-- name: select_leaderboard
-- List one page of definitions with their models, sorted by one column; those without a value there come last.
-- Only models with the same `chosen_on` are ranked among each other, by the metric. Sorted by a score, they are listed
-- together, those of the newest run first.
WITH ranked AS (
    SELECT found.run_id, found.label, state, model_id, models.label AS model_label, version,
        models.run_id AS model_run_id, accuracy, macro_f1, gain, training_seconds, size_bytes, created_at, chosen_on,
        has_answers,
        CASE WHEN chosen_on IS NOT NULL THEN dense_rank() OVER best_first END AS rank,
        CASE WHEN chosen_on IS NOT NULL THEN first_value(model_id) OVER best_first END AS best_model_id,
        count(model_id) FILTER (WHERE state <> 'duplicate') OVER (PARTITION BY chosen_on) AS compared,
        max(planned_at) OVER (PARTITION BY chosen_on) AS newest_run,
        :'sort'::text IN ('score', 'accuracy', 'macro_f1', 'gain') AS by_score,
        CASE :'sort'::text
            WHEN 'score' THEN standing WHEN 'accuracy' THEN accuracy WHEN 'macro_f1' THEN macro_f1 WHEN 'gain' THEN gain
            WHEN 'training_seconds' THEN training_seconds WHEN 'size_bytes' THEN size_bytes
            WHEN 'created_at' THEN extract(epoch FROM created_at)
        END * CASE WHEN :'descending'::boolean THEN -1 ELSE 1 END AS number,
        CASE :'sort'::text WHEN 'label' THEN found.label WHEN 'state' THEN state WHEN 'run_id' THEN found.run_id END
            AS word,
        CASE :'sort'::text
            WHEN 'score' THEN choice_macro_f1 WHEN 'accuracy' THEN macro_f1
            WHEN 'macro_f1' THEN accuracy WHEN 'gain' THEN accuracy WHEN 'state' THEN accuracy WHEN 'run_id' THEN accuracy
        END AS second_number
    FROM find_definitions(:runs, :states, :datasets, :adapters, :models, :text, :'options') AS found
    LEFT JOIN listed_models AS models USING (model_id)
    CROSS JOIN LATERAL (
        SELECT CASE :'metric'
            WHEN 'accuracy' THEN choice_accuracy
            WHEN 'log_loss' THEN -choice_score(scores, 'log_loss')
            ELSE choice_score(scores, :'metric')
        END AS standing
        OFFSET 0  -- computed once for each row, because scores are large
    ) AS choice
    WINDOW best_first AS (
        PARTITION BY chosen_on ORDER BY standing DESC NULLS LAST, choice_macro_f1 DESC, models.label, version DESC
    )
), ordered AS (
    SELECT *,
        CASE WHEN by_score THEN chosen_on IS NULL END AS untested,
        CASE WHEN by_score THEN newest_run END AS newest,
        CASE WHEN by_score THEN chosen_on END AS together,
        CASE WHEN NOT :'descending'::boolean THEN word END AS rising,
        CASE WHEN :'descending'::boolean THEN word END AS falling
    FROM ranked
), page AS (
    SELECT * FROM ordered
    ORDER BY untested, newest DESC, together, number NULLS LAST, rising, falling DESC, second_number DESC NULLS LAST,
        label, run_id
    LIMIT :'limit' OFFSET :'offset'
)
SELECT page.*, listed.definition, listed.error, listed.duplicate_of, listed.started_at, listed.ended_at,
    accuracy_interval, marks, testing_set, validation_set, aliases, trained.map_index,
    choice_score(scores, :'metric') AS score, choice_deviation(scores, :'metric') AS deviation
FROM page
JOIN definitions AS listed ON listed.run_id = page.run_id AND listed.label = page.label
LEFT JOIN (
    SELECT model_id, accuracy_interval, marks, testing_set, validation_set, aliases, scores FROM listed_models
) AS models USING (model_id)
LEFT JOIN definitions AS trained ON trained.run_id = coalesce(page.model_run_id, page.run_id)
    AND trained.label = coalesce(page.model_label, page.label)
ORDER BY untested, newest DESC, together, number NULLS LAST, rising, falling DESC, second_number DESC NULLS LAST,
    page.label, page.run_id;

-- name: select_metric
-- Get the metric by which a run's models are ranked.
SELECT metric FROM runs WHERE run_id = :'run_id';

-- name: count_states
-- Count the definitions in each state.
SELECT state, count(*)
FROM find_definitions(:runs, :states, :datasets, :adapters, :models, :text, :'options')
GROUP BY state;

-- name: select_names
-- List the existing datasets, adapters and models with the number of their definitions.
SELECT section, definition #>> ARRAY[section, 'name'] AS name, count(*)
FROM find_definitions(:runs, :states, :datasets, :adapters, :models, :text, :'options'),
    unnest(ARRAY['dataset', 'adapter', 'model']) AS section
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: select_options
-- List the options that have several values among the newest 2,000 definitions: reading all would take too long.
SELECT section, option.key AS option, array_agg(DISTINCT option.value) AS values
FROM (
    SELECT definition
    FROM find_definitions(:runs, :states, :datasets, :adapters, :models, :text, :'options')
    ORDER BY planned_at DESC LIMIT 2000
) AS newest, unnest(ARRAY['dataset', 'adapter', 'model']) AS section,
    jsonb_each(definition #> ARRAY[section, 'options']) AS option
GROUP BY 1, 2 HAVING count(DISTINCT option.value) > 1 ORDER BY 1, 2;

-- name: select_digests
-- Get a digest of whatever decides the answers of models, if they are stored. No answers are read.
SELECT model_id, testing_set || coalesce(validation_set, '') || document_sha256 || convert_to(metric, 'UTF8') AS digest
FROM models WHERE model_id = ANY(:'model_ids') AND testing_set IS NOT NULL;

-- name: select_answers
-- Get the sealed answers of models on the examples that choose, with the digest of whatever decides them.
SELECT model_id, testing_set || coalesce(validation_set, '') || document_sha256 || convert_to(metric, 'UTF8') AS digest,
    coalesce(validation_set, testing_set) AS examples, coalesce(validation_answers, answers) AS codes, metric, shares
FROM models WHERE model_id = ANY(:'model_ids') AND testing_set IS NOT NULL;

-- name: select_truths
-- Get the codes of the right answers of testing sets.
SELECT sha256, truths FROM testing_sets WHERE sha256 = ANY(:'testing_sets');
