-- Stored models scored on testing sets after their training. How to paste a query into psql: see
-- `pipeline/stores/queries.py`. What an earlier document of a model answered is left out everywhere.

-- name: upsert_evaluation
-- Store an evaluation; a second try of the same run and model replaces the first. No row if there is no such model.
INSERT INTO evaluations (model_id, document_sha256, run_id, dataset, collection, examples, testing_set, answers, scores,
    seconds)
SELECT model_id, :'document_sha256', :'run_id', :dataset, :'collection', :'examples', :'testing_set', :'answers',
    :'scores', :'seconds'
FROM models WHERE label = :'label' AND version = :'version'
ON CONFLICT (run_id, model_id) DO UPDATE SET document_sha256 = EXCLUDED.document_sha256, dataset = EXCLUDED.dataset,
    collection = EXCLUDED.collection, examples = EXCLUDED.examples, testing_set = EXCLUDED.testing_set,
    answers = EXCLUDED.answers, scores = EXCLUDED.scores, seconds = EXCLUDED.seconds, evaluated_at = now()
RETURNING evaluation_id;

-- name: select_evaluations
-- List the evaluations of one run, of one model or of all, newest first, each with the total number.
SELECT evaluation_id, label, version, evaluations.run_id, dataset, (evaluations.scores ->> 'accuracy')::float8 AS accuracy,
    (evaluations.scores ->> 'macro_f1')::float8 AS macro_f1, evaluations.scores -> 'accuracy_interval' AS accuracy_interval,
    (evaluations.scores ->> 'accuracy')::float8 - (evaluations.scores ->> 'baseline_accuracy')::float8 AS gain,
    evaluations.scores -> 'marks' AS marks,
    jsonb_build_object('digest', examples -> 'digest', 'collection', collection, 'examples', examples -> 'count',
        'first', examples -> 'first', 'last', examples -> 'last') AS testing_set,
    (examples ->> 'unknown')::integer AS unknown_examples, (examples ->> 'perhaps_trained')::integer AS perhaps_trained,
    seconds, evaluated_at, count(*) OVER () AS total
FROM evaluations JOIN models USING (model_id)
WHERE evaluations.document_sha256 = models.document_sha256
    AND (:run_id::text IS NULL OR evaluations.run_id = :run_id)
    AND (:label::text IS NULL OR label = :label) AND (:version::integer IS NULL OR version = :version)
ORDER BY evaluated_at DESC, evaluation_id DESC LIMIT :'limit' OFFSET :'offset';

-- name: select_answered
-- List the testing sets that each of some models has answered: its own, and those of its newest evaluations.
SELECT DISTINCT ON (place, sha256) place, own, sha256, testing_set, evaluation_id, evaluated_at
FROM (
    SELECT place, true AS own, models.testing_set AS sha256, listed_models.testing_set, NULL::bigint AS evaluation_id,
        models.created_at AS evaluated_at
    FROM unnest(:'labels'::text[], :'versions'::integer[]) WITH ORDINALITY AS wanted (label, version, place)
    JOIN models USING (label, version) JOIN listed_models USING (model_id)
    WHERE models.testing_set IS NOT NULL
    UNION ALL
    SELECT place, false, evaluations.testing_set, jsonb_build_object('digest', examples -> 'digest', 'collection',
        collection, 'examples', examples -> 'count', 'first', examples -> 'first', 'last', examples -> 'last'),
        evaluation_id, evaluated_at
    FROM unnest(:'labels'::text[], :'versions'::integer[]) WITH ORDINALITY AS wanted (label, version, place)
    JOIN models USING (label, version) JOIN evaluations USING (model_id)
    WHERE evaluations.document_sha256 = models.document_sha256
) AS answered
ORDER BY place, sha256, own DESC, evaluated_at DESC;

-- name: select_evaluation_answers
-- Get what was answered in some evaluations, and the scores of it.
SELECT evaluation_id, testing_sets.examples, truths, answers, scores
FROM evaluations JOIN testing_sets ON testing_sets.sha256 = testing_set
WHERE evaluation_id = ANY(:'evaluation_ids');

-- name: select_known_examples
-- Get what tells which examples trained a version of a label, and the ids of those that certainly did not: its testing set.
SELECT definition #>> '{dataset,options,collection}' AS collection, lineage -> 'examples' AS examples,
    coalesce(scores -> 'marks', '[]') AS marks, testing_sets.examples AS tested
FROM models LEFT JOIN testing_sets ON testing_sets.sha256 = testing_set
WHERE label = :'label' AND version = :'version';
