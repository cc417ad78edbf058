-- Stored models, their documents and their answers. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: lock_label
-- Keep others from assigning a label's next version until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(:'label', 0));

-- name: hold_definition
-- Lock a definition and get its state: its run is closed either after its model is stored, or before, which refuses it.
SELECT state FROM definitions WHERE run_id = :'run_id' AND label = :'label' FOR NO KEY UPDATE;

-- name: upsert_model
-- Store a model; a second try of the same run and label keeps the version of the first. No deleted version comes again.
INSERT INTO models (label, version, run_id, definition, document, binary_document, adapter_sha256, document_sha256,
    size_bytes, scores, curves, testing_set, answers, validation_set, validation_answers, shares, metric, lineage,
    step_seconds, training_seconds)
SELECT :'label', coalesce(max(given.version), 0) + 1, :'run_id', :'definition', :document, :binary_document,
    :adapter_sha256, :'document_sha256', :'size_bytes', :'scores', :curves, :'testing_set', :'answers',
    :validation_set, :validation_answers, :shares, :'metric', :'lineage', :'step_seconds', :'training_seconds'
FROM named_models AS given WHERE given.label = :'label'
ON CONFLICT (run_id, label) DO UPDATE SET document = EXCLUDED.document, binary_document = EXCLUDED.binary_document,
    adapter_sha256 = EXCLUDED.adapter_sha256, size_bytes = EXCLUDED.size_bytes,
    document_sha256 = EXCLUDED.document_sha256, scores = EXCLUDED.scores, curves = EXCLUDED.curves,
    testing_set = EXCLUDED.testing_set, answers = EXCLUDED.answers, validation_set = EXCLUDED.validation_set,
    validation_answers = EXCLUDED.validation_answers, shares = EXCLUDED.shares, metric = EXCLUDED.metric,
    lineage = EXCLUDED.lineage, step_seconds = EXCLUDED.step_seconds, training_seconds = EXCLUDED.training_seconds,
    retired_at = NULL, retired_by = NULL, retired_for = NULL
RETURNING model_id, version;

-- name: find_outdated_notification
-- Find the notification of a model that was cleared and trained on other examples: what it announced is outdated.
SELECT notification_id FROM notifications JOIN models USING (model_id)
WHERE models.run_id = :'run_id' AND models.label = :'label'
    AND (models.document_sha256 <> :'document_sha256' OR models.scores <> :'scores');

-- name: has_testing_set
-- Return a row if a testing set is stored, else none; nobody deletes it until the transaction ends.
SELECT FROM testing_sets WHERE sha256 = :'sha256' FOR KEY SHARE;

-- name: insert_testing_set
-- Store the examples of a testing set and the right answers.
INSERT INTO testing_sets (sha256, examples, truths) VALUES (:'sha256', :'examples', :'truths')
ON CONFLICT (sha256) DO NOTHING;

-- name: select_adapter
-- Get the digest of the adapter of a model, by its run and label.
SELECT adapter_sha256 FROM models WHERE run_id = :'run_id' AND label = :'label';

-- name: lock_adapter
-- Keep others from storing or deleting an adapter until the transaction ends; always lock two in the same order.
SELECT pg_advisory_xact_lock(hashtextextended('adapter ' || encode(:'sha256', 'hex'), 0));

-- name: is_adapter_whole
-- Return whether a stored adapter matches its digest; a changed or damaged one has to be stored again.
SELECT sha256(coalesce(binary_document, convert_to(document, 'UTF8'))) = sha256 FROM adapter_documents
WHERE sha256 = :'sha256';

-- name: store_adapter
-- Store an adapter, and replace a damaged one.
INSERT INTO adapter_documents (sha256, document, binary_document, size_bytes)
VALUES (:'sha256', :document, :binary_document, :'size_bytes')
ON CONFLICT (sha256) DO UPDATE SET document = EXCLUDED.document, binary_document = EXCLUDED.binary_document,
    size_bytes = EXCLUDED.size_bytes;

-- name: delete_unused_adapter
-- Delete an adapter that no model names any more.
DELETE FROM adapter_documents
WHERE sha256 = :'sha256' AND NOT EXISTS (SELECT FROM models WHERE adapter_sha256 = :'sha256');

-- name: mark_trained
-- Mark a definition as trained.
UPDATE definitions SET state = 'trained', ended_at = now(), error = NULL
WHERE run_id = :'run_id' AND label = :'label';

-- name: select_models
-- List models of one run or of all by testing set, that of the newest model first, the most accurate first in each.
-- Accuracy is that on the validation set or in folds, if there are any. Either those in use, or the retired ones.
SELECT label, version, run_id, accuracy, macro_f1, accuracy_interval, baseline_accuracy, gain, marks, testing_set,
    validation_set, score, deviation, training_seconds, size_bytes, created_at, retired_at, retired_by, retired_for
FROM (
    SELECT *, choice_accuracy AS score,
        CASE WHEN validation_set IS NOT NULL THEN choice_deviation(scores, 'accuracy') END AS deviation,
        max(created_at) OVER (PARTITION BY chosen_on) AS newest
    FROM listed_models
    WHERE (:run_id::text IS NULL OR run_id = :run_id) AND (retired_at IS NOT NULL) = :'retired'
) AS models
ORDER BY newest DESC, chosen_on, score DESC, choice_macro_f1 DESC, label, version DESC LIMIT :'limit';

-- name: select_newest_models
-- List models of one run, of one label or of all, newest first, each with the total number; retired ones by their label.
SELECT label, version, run_id, accuracy, macro_f1, accuracy_interval, gain, marks, testing_set, training_seconds,
    size_bytes, created_at, aliases, retired_at, total
FROM (
    SELECT *, count(*) OVER () AS total FROM listed_models
    WHERE (:run_id::text IS NULL OR run_id = :run_id) AND (label = :label OR :label::text IS NULL AND retired_at IS NULL)
    ORDER BY created_at DESC, model_id DESC LIMIT :'limit' OFFSET :'offset'
) AS models
ORDER BY created_at DESC, model_id DESC;

-- name: select_model
-- Get everything about a model except its document: a version of a label, or its newest.
SELECT listed.label, listed.version, listed.run_id, listed.definition, listed.size_bytes, listed.created_at,
    listed.training_seconds, listed.accuracy, listed.macro_f1, accuracy_interval, gain, marks, listed.testing_set,
    listed.validation_set, metric, aliases, listed.scores, lineage, step_seconds, encode(document_sha256, 'hex') AS document_sha256,
    CASE WHEN models.binary_document IS NULL THEN 'json' ELSE 'binary' END AS encoding,
    adapter_documents.size_bytes AS adapter_size_bytes,
    (SELECT count(*) FROM models AS sharing WHERE sharing.adapter_sha256 = models.adapter_sha256) AS adapter_shared_by,
    notifications.created_at AS noted_at, notifications.published_at, map_index, listed.retired_at, listed.retired_by,
    listed.retired_for
FROM models
JOIN listed_models AS listed USING (model_id)
JOIN definitions ON definitions.run_id = models.run_id AND definitions.label = models.label
LEFT JOIN adapter_documents ON adapter_documents.sha256 = adapter_sha256
LEFT JOIN notifications USING (model_id)
WHERE models.label = :'label' AND (:version::integer IS NULL OR models.version = :version)
ORDER BY models.retired_at IS NOT NULL, models.version DESC LIMIT 1;

-- name: select_curves
-- Get the curves of a version of a label, or of its newest version; NULL if it gives no probabilities.
SELECT curves FROM models
WHERE label = :'label' AND (:version::integer IS NULL OR version = :version)
ORDER BY retired_at IS NOT NULL, version DESC LIMIT 1;

-- name: select_answers
-- Get the testing examples, right answers and given answers of models that have stored answers.
SELECT label, version, examples, truths, answers
FROM unnest(:'labels'::text[], :'versions'::integer[]) AS wanted (label, version)
JOIN models USING (label, version) JOIN testing_sets ON testing_sets.sha256 = testing_set;

-- name: find_stored
-- Find the newest models of the same recipe, seed and examples, whatever the version of the code.
-- Any model can be ranked by accuracy; by another metric, only those of a run that was ranked by it.
SELECT DISTINCT ON (label) label, model_id
FROM unnest(:'labels'::text[], :'digests'::text[]) AS wanted (label, digest)
JOIN models USING (label)
WHERE lineage #>> '{examples,digest}' = digest AND (lineage ->> 'seed')::bigint = :'seed'
    AND (metric = :'metric' OR :'metric' = 'accuracy') AND retired_at IS NULL
ORDER BY label, version DESC;

-- name: select_timings
-- Count the models of each adapter and model, with the median seconds per example, so that one slow machine has no effect.
SELECT definition #>> '{adapter,name}', definition #>> '{model,name}', count(*),
    percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds_per_example(training_seconds, lineage))
FROM models GROUP BY 1, 2;

-- name: select_timings_of_labels
-- Get the seconds per example of the last training of each of these labels.
SELECT DISTINCT ON (label) label, seconds_per_example(training_seconds, lineage)
FROM models WHERE label = ANY(:'labels') ORDER BY label, version DESC;
