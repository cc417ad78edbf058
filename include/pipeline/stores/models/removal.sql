-- Deleting, retiring and returning models. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: hold_models
-- Lock models, always in the same order, and get their names: nobody trains them again or points an alias at them.
SELECT model_id, label, version, run_id, encode(document_sha256, 'hex') AS document_sha256, size_bytes, retired_at
FROM models WHERE model_id = ANY(:'ids') ORDER BY model_id FOR UPDATE;

-- name: select_pointing
-- List the aliases that point at any of these models.
SELECT alias, label, version, model_id FROM aliases JOIN models USING (model_id) WHERE model_id = ANY(:'ids') ORDER BY alias;

-- name: note_deleted
-- Write down which models are deleted, by whom and why.
INSERT INTO deleted_models (model_id, label, version, run_id, document_sha256, deleted_by, reason)
SELECT model_id, label, version, run_id, document_sha256, :'author', :'reason' FROM models WHERE model_id = ANY(:'ids');

-- name: explain_own
-- Tell the definitions of which these are the models why they have none any more.
UPDATE definitions SET error = :error
FROM models WHERE models.model_id = ANY(:'ids') AND definitions.run_id = models.run_id
    AND coalesce(duplicate_of, definitions.label) = models.label AND state IN ('trained', 'duplicate');

-- name: explain_reused
-- Tell the definitions that reused any of these models.
UPDATE definitions SET error = :error WHERE reused_model_id = ANY(:'ids');

-- name: select_evaluated
-- List the testing sets of the evaluations of models.
SELECT DISTINCT testing_set FROM evaluations WHERE model_id = ANY(:'ids');

-- name: delete_models
-- Delete models with their notifications and evaluations, and get what they may have been the last to use.
DELETE FROM models WHERE model_id = ANY(:'ids') RETURNING adapter_sha256, testing_set, validation_set;

-- name: lock_adapters
-- Keep others from storing or deleting adapters until the transaction ends, in the order that stores of one keep too.
SELECT pg_advisory_xact_lock(hashtextextended('adapter ' || encode(sha256, 'hex'), 0))
FROM (SELECT DISTINCT sha256 FROM unnest(:'adapters'::bytea[]) AS given (sha256) ORDER BY sha256) AS ordered;

-- name: delete_unused_adapters
-- Delete those of these adapters that no model names any more.
DELETE FROM adapter_documents
WHERE sha256 = ANY(:'adapters') AND NOT EXISTS (SELECT FROM models WHERE adapter_sha256 = sha256);

-- name: hold_testing_sets
-- Lock testing sets, always in the same order: a training that has found one holds it until its model is stored.
SELECT FROM testing_sets WHERE sha256 = ANY(:'testing_sets') ORDER BY sha256 FOR UPDATE;

-- name: delete_unused_testing_sets
-- Delete those of these testing sets that nothing was tested on any more.
DELETE FROM testing_sets
WHERE sha256 = ANY(:'testing_sets')
    AND NOT EXISTS (SELECT FROM models WHERE testing_set = sha256)
    AND NOT EXISTS (SELECT FROM models WHERE validation_set = sha256)
    AND NOT EXISTS (SELECT FROM evaluations WHERE testing_set = sha256);

-- name: retire
-- Retire models.
UPDATE models SET retired_at = now(), retired_by = :'author', retired_for = :'reason'
WHERE model_id = ANY(:'ids');

-- name: bring_back
-- Take back that models were retired.
UPDATE models SET retired_at = NULL, retired_by = NULL, retired_for = NULL
WHERE model_id = ANY(:'ids');

-- name: lock_aliases
-- Keep others from moving these aliases until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('alias ' || alias, 0))
FROM (SELECT alias FROM unnest(:'aliases'::text[]) AS given (alias) ORDER BY alias) AS ordered;

-- name: remove_aliases
-- Remove aliases, those that point at any of these models.
INSERT INTO alias_moves (alias, moved_by, reason)
SELECT alias, :'author', :'reason' FROM aliases WHERE model_id = ANY(:'ids') AND alias = ANY(:'aliases');

-- name: select_versions
-- List the versions of a label.
SELECT version FROM models WHERE label = :'label' ORDER BY version;

-- name: find_versions
-- Get the ids of models by their labels and versions.
SELECT model_id FROM unnest(:'labels'::text[], :'versions'::integer[]) AS wanted (label, version)
JOIN models USING (label, version);

-- name: select_deleted
-- List models that were deleted, the last first.
SELECT deleted_at, deleted_by, label, version, run_id, reason FROM deleted_models
ORDER BY deleted_at DESC, model_id DESC LIMIT :'limit';

-- name: select_trained_on
-- List models of a collection whose examples, from the first to the last of all their sets, span any of these moments.
SELECT model_id, label, version, run_id,
    (SELECT coalesce(array_agg(alias ORDER BY alias), '{}') FROM aliases WHERE aliases.model_id = models.model_id) AS aliases
FROM models
CROSS JOIN LATERAL (
    SELECT min((part ->> 'first')::timestamptz) AS first, max((part ->> 'last')::timestamptz) AS last
    FROM unnest(ARRAY[
        lineage #> '{examples,training}', lineage #> '{examples,validation}', lineage #> '{examples,testing}'
    ]) AS part
) AS span
WHERE definition #>> '{dataset,options,collection}' = :'collection'
    AND EXISTS (SELECT FROM unnest(:'moments'::timestamptz[]) AS moment WHERE moment BETWEEN span.first AND span.last)
ORDER BY label, version;

-- name: delete_evaluations_of
-- Delete evaluations of a collection whose examples span any of these moments, and get their testing sets.
DELETE FROM evaluations
WHERE collection = :'collection' AND EXISTS (
    SELECT FROM unnest(:'moments'::timestamptz[]) AS moment
    WHERE moment BETWEEN (examples ->> 'first')::timestamptz AND (examples ->> 'last')::timestamptz
)
RETURNING testing_set;
