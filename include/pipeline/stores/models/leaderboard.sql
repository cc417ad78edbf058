-- Definitions and their models, filtered and in any order. No document is read. How to paste a query into psql: see
-- `pipeline/stores/queries.py`; filters that leave nothing out are NULL, and `:'options'` is then [].

-- name: select_leaderboard
-- List one page of definitions with their models, sorted by one column; those without a value there come last.
-- Only models that were tested on the same examples are ranked among each other. Sorted by a score, they are listed
-- together, those of the newest run first.
WITH ranked AS (
    SELECT found.run_id, found.label, state, model_id, models.label AS model_label, version,
        models.run_id AS model_run_id, accuracy, macro_f1, gain, training_seconds, size_bytes, created_at, tested_on,
        has_answers,
        CASE WHEN tested_on IS NOT NULL THEN dense_rank() OVER best_first END AS rank,
        CASE WHEN tested_on IS NOT NULL THEN first_value(model_id) OVER best_first END AS best_model_id,
        max(planned_at) OVER (PARTITION BY tested_on) AS newest_run,
        :'sort'::text IN ('accuracy', 'macro_f1', 'gain') AS by_score,
        CASE :'sort'::text
            WHEN 'accuracy' THEN accuracy WHEN 'macro_f1' THEN macro_f1 WHEN 'gain' THEN gain
            WHEN 'training_seconds' THEN training_seconds WHEN 'size_bytes' THEN size_bytes
            WHEN 'created_at' THEN extract(epoch FROM created_at)
        END * CASE WHEN :'descending'::boolean THEN -1 ELSE 1 END AS number,
        CASE :'sort'::text WHEN 'label' THEN found.label WHEN 'state' THEN state WHEN 'run_id' THEN found.run_id END
            AS word,
        CASE :'sort'::text
            WHEN 'accuracy' THEN macro_f1
            WHEN 'macro_f1' THEN accuracy WHEN 'gain' THEN accuracy WHEN 'state' THEN accuracy WHEN 'run_id' THEN accuracy
        END AS second_number
    FROM find_definitions(:runs, :states, :datasets, :adapters, :models, :text, :'options') AS found
    LEFT JOIN listed_models AS models USING (model_id)
    WINDOW best_first AS (
        PARTITION BY tested_on ORDER BY accuracy DESC NULLS LAST, macro_f1 DESC, models.label, version DESC
    )
), ordered AS (
    SELECT *,
        CASE WHEN by_score THEN tested_on IS NULL END AS untested,
        CASE WHEN by_score THEN newest_run END AS newest,
        CASE WHEN by_score THEN tested_on END AS together,
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
    accuracy_interval, marks, testing_set, aliases, trained.map_index
FROM page
JOIN definitions AS listed ON listed.run_id = page.run_id AND listed.label = page.label
LEFT JOIN (
    SELECT model_id, accuracy_interval, marks, testing_set, aliases FROM listed_models
) AS models USING (model_id)
LEFT JOIN definitions AS trained ON trained.run_id = coalesce(page.model_run_id, page.run_id)
    AND trained.label = coalesce(page.model_label, page.label)
ORDER BY untested, newest DESC, together, number NULLS LAST, rising, falling DESC, second_number DESC NULLS LAST,
    page.label, page.run_id;

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
-- Get a digest of the testing set and document of models with stored answers. No answers are read.
SELECT model_id, testing_set || document_sha256 AS digest
FROM models WHERE model_id = ANY(:'model_ids') AND testing_set IS NOT NULL;

-- name: select_answers
-- Get the testing set and the sealed answers of models, with the digest of the testing set and document.
SELECT model_id, testing_set || document_sha256 AS digest, testing_set, answers
FROM models WHERE model_id = ANY(:'model_ids') AND testing_set IS NOT NULL;

-- name: select_truths
-- Get the codes of the right answers of testing sets.
SELECT sha256, truths FROM testing_sets WHERE sha256 = ANY(:'testing_sets');
