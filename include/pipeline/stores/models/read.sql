-- What a reference points at, and documents: all that answering with a stored model needs.
-- How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: select_alias_target
-- Find the version that an alias points at, with the digest of its present document.
SELECT label, version, encode(models.document_sha256, 'hex') FROM aliases JOIN models USING (model_id)
WHERE alias = :'alias';

-- name: select_version_target
-- Find a version of a label, or its newest that is not retired, with the digest of its document.
SELECT label, version, encode(document_sha256, 'hex') FROM models
WHERE label = :'label' AND (:version::integer IS NULL OR version = :version)
ORDER BY retired_at IS NOT NULL, version DESC LIMIT 1;

-- name: select_document
-- Get the document of a version of a label, or of its newest that is not retired, in its two parts.
SELECT label, version, document_sha256, adapter_sha256, models.document, models.binary_document,
    adapter_documents.document, adapter_documents.binary_document
FROM models LEFT JOIN adapter_documents ON adapter_documents.sha256 = adapter_sha256
WHERE label = :'label' AND (:version::integer IS NULL OR version = :version)
ORDER BY retired_at IS NOT NULL, version DESC LIMIT 1;

-- name: select_deleted
-- Get who deleted a version of a label, or its last deleted one, when and why.
SELECT version, deleted_by, deleted_at, reason FROM deleted_models
WHERE label = :'label' AND (:version::integer IS NULL OR version = :version)
ORDER BY version DESC LIMIT 1;
