-- Aliases and their moves. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: lock_alias
-- Keep others from moving an alias until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('alias ' || :'alias', 0));

-- name: insert_move
-- Point an alias at a version of a label, which nobody deletes meanwhile; a retired one gets none.
INSERT INTO alias_moves (alias, model_id, document_sha256, moved_by, reason)
SELECT :'alias', model_id, document_sha256, :'moved_by', :'reason'
FROM models WHERE label = :'label' AND version = :'version' AND retired_at IS NULL
FOR KEY SHARE;

-- name: insert_removal
-- Remove an alias, if it points at something.
INSERT INTO alias_moves (alias, moved_by, reason)
SELECT alias, :'moved_by', :'reason' FROM aliases WHERE alias = :'alias';

-- name: select_aliases
-- List aliases, or one, with where each points.
-- The model of an alias may have been trained again with the same label and run, which keeps its version.
SELECT alias, label, version, run_id, models.accuracy, listed.testing_set, moved_by, reason, moved_at,
    aliases.document_sha256 <> models.document_sha256 AS trained_again
FROM aliases JOIN models USING (model_id) JOIN listed_models AS listed USING (model_id, label, version, run_id)
WHERE :alias::text IS NULL OR alias = :alias
ORDER BY alias;

-- name: select_moves
-- List moves of one alias or of all, starting before a given move or with the newest.
SELECT move_id, alias, label, version, is_deleted, moved_by, reason, moved_at, published_at
FROM alias_moves LEFT JOIN named_models USING (model_id) LEFT JOIN notifications USING (move_id)
WHERE (:alias::text IS NULL OR alias = :alias) AND (:before::bigint IS NULL OR move_id < :before)
ORDER BY move_id DESC LIMIT :'limit';
