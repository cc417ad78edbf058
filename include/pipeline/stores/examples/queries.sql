-- The examples database. How to paste a query into psql: see `pipeline/stores/queries.py`. Texts and classes are in
-- `payload`, encrypted; `pack_place` returns the place in the table to which a payload is bound.

-- name: fetch
-- Get the rows of a collection that occurred within a span, oldest first.
SELECT pack_place(id, occurred_at) AS place, digest, key_id, payload
FROM examples
WHERE collection = :'collection' AND occurred_at >= :'start' AND occurred_at < :'end'
ORDER BY occurred_at;

-- name: fetch_collection
-- Get all rows of a collection in any order.
SELECT pack_place(id, occurred_at) AS place, digest, key_id, payload FROM examples WHERE collection = :'collection';

-- name: summarise_collections
-- Count the examples of each collection, with the times of the first and the last.
SELECT collection, count(*), min(occurred_at), max(occurred_at) FROM examples GROUP BY collection
ORDER BY collection;

-- name: find_spans
-- Get when the first and the last example of each collection occurred, with a look into the index for each, not a scan.
WITH RECURSIVE found (collection) AS (
    (SELECT collection FROM examples ORDER BY collection LIMIT 1)
    UNION ALL
    SELECT next.collection
    FROM found
    CROSS JOIN LATERAL (
        SELECT collection FROM examples WHERE collection > found.collection ORDER BY collection LIMIT 1
    ) AS next
)
SELECT collection,
    (SELECT min(occurred_at) FROM examples WHERE examples.collection = found.collection),
    (SELECT max(occurred_at) FROM examples WHERE examples.collection = found.collection)
FROM found ORDER BY collection;

-- name: count_selections
-- Count the examples of each selection, in the order of the selections.
SELECT count(id)
FROM unnest(:'collections'::text[], :'starts'::timestamptz[], :'ends'::timestamptz[])
    WITH ORDINALITY AS selection (collection, starts_at, ends_at, position)
LEFT JOIN examples
    ON examples.collection = selection.collection AND occurred_at >= starts_at AND occurred_at < ends_at
GROUP BY position ORDER BY position;

-- name: digest_selections
-- Digest each selection as `digest_rows` digests what `fetch` returns, without decrypting a row.
SELECT sha256(coalesce(string_agg(digest, ''::bytea ORDER BY digest), ''::bytea))
FROM unnest(:'collections'::text[], :'starts'::timestamptz[], :'ends'::timestamptz[])
    WITH ORDINALITY AS selection (collection, starts_at, ends_at, position)
LEFT JOIN examples
    ON examples.collection = selection.collection AND occurred_at >= starts_at AND occurred_at < ends_at
GROUP BY position ORDER BY position;

-- name: count_by_key
-- Count the rows under each key in each collection.
SELECT collection, key_id, count(*) FROM examples GROUP BY collection, key_id ORDER BY collection, key_id;

-- name: read_keyring
-- Get the fingerprint of the key ring with which the examples were loaded.
SELECT fingerprint FROM keyring;

-- name: lock_loads_shared
-- Keep rotations of keys from ending before this load does.
SELECT pg_advisory_xact_lock_shared(hashtext('pipeline examples'), 1);

-- name: lock_loads_alone
-- Wait for running loads, and keep new ones from beginning while this connection is open.
SELECT pg_advisory_lock(hashtext('pipeline examples'), 1);

-- name: try_lock_rotation
-- Keep others from rotating keys while this connection is open; return whether no rotation is running.
SELECT pg_try_advisory_lock(hashtext('pipeline examples'), 2);

-- name: lock_keys_shared
-- Keep keys from being dropped between taking a snapshot and reading the keys.
SELECT pg_advisory_lock_shared(hashtext('pipeline examples'), 3);

-- name: take_snapshot
-- Take the snapshot of a REPEATABLE READ transaction; its first query does so.
SELECT 1;

-- name: unlock_keys_shared
-- Allow keys to be dropped again.
SELECT pg_advisory_unlock_shared(hashtext('pipeline examples'), 3);

-- name: lock_keys_alone
-- Keep readers from taking a snapshot while this connection is open.
SELECT pg_advisory_lock(hashtext('pipeline examples'), 3);

-- name: create_staged
-- Create the table into which a file's rows are copied.
CREATE TEMPORARY TABLE staged (
    line bigint, id bytea, digest bytea, occurred_at timestamptz, given boolean, key_id text, payload bytea,
    former bytea
) ON COMMIT DROP;

-- name: create_repeated
-- Create the table for rows that are equal to an earlier row of the same file.
CREATE TEMPORARY TABLE repeated (LIKE staged) ON COMMIT DROP;

-- name: copy_staged
-- Copy the rows of a file.
COPY staged (line, id, digest, occurred_at, given, key_id, payload, former) FROM STDIN (FORMAT BINARY);

-- name: copy_repeated
-- Copy the rows that are equal to an earlier one.
COPY repeated (line, id, digest, occurred_at, given, key_id, payload, former) FROM STDIN (FORMAT BINARY);

-- name: delete_former
-- Leave out rows that an earlier version loaded: it stored a class as the file spells it, and only the first of equal rows.
WITH known AS (
    SELECT min(staged.line) AS line
    FROM staged
    INNER JOIN examples ON examples.collection = :'collection' AND examples.id = staged.former
    WHERE staged.former IS NOT NULL AND NOT staged.given
    GROUP BY staged.former
)
DELETE FROM staged USING known WHERE staged.line = known.line;

-- name: find_repeated
-- Get the size of the longest row among equal rows; rows are grouped first, so that not all of them are sorted.
SELECT max(octet_length(payload)) FROM staged
WHERE id IN (SELECT id FROM staged WHERE NOT given GROUP BY id HAVING count(*) > 1);

-- name: fetch_repeated
-- Get the rows that are equal to an earlier one, numbered; the first of equal rows stays as it is.
SELECT pack_place(id, occurred_at) AS place, line, digest, key_id, payload, occurrence
FROM (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY line) AS occurrence FROM staged
    WHERE id IN (SELECT id FROM staged WHERE NOT given GROUP BY id HAVING count(*) > 1)
) AS numbered
WHERE occurrence > 1;

-- name: remember_keyring
-- Write the fingerprint of the first load's key ring; a table without examples accepts another one.
INSERT INTO keyring (fingerprint) VALUES (:'fingerprint')
ON CONFLICT (one) DO UPDATE SET fingerprint = EXCLUDED.fingerprint WHERE NOT EXISTS (SELECT FROM examples);

-- name: hold_off_other_loads
-- Keep other loads from adding a row between the check and the insert.
LOCK TABLE examples IN SHARE ROW EXCLUSIVE MODE;

-- name: replace
-- Give rows whose id is that of a row of the file that row's content; of several rows with that id, the first's.
UPDATE examples
SET digest = fresh.digest, occurred_at = fresh.occurred_at, key_id = fresh.key_id, payload = fresh.payload
FROM (SELECT DISTINCT ON (id) * FROM staged WHERE given ORDER BY id, line) AS fresh
WHERE examples.collection = :'collection' AND examples.id = fresh.id AND examples.digest <> fresh.digest
    AND examples.digest IS DISTINCT FROM fresh.former;

-- name: delete_conflicts
-- Leave out rows whose id belongs to other content: the table's row decides, else the file's first row with that id.
WITH judged AS (
    SELECT
        staged.line,
        stored.id IS NOT NULL AS in_table,
        staged.digest <> coalesce(
            stored.digest, first_value(staged.digest) OVER (PARTITION BY staged.id ORDER BY staged.line)
        ) AND coalesce(staged.former <> stored.digest, TRUE) AS differs
    FROM staged
    LEFT JOIN examples AS stored ON stored.collection = :'collection' AND stored.id = staged.id
    WHERE staged.given
), deleted AS (
    DELETE FROM staged USING judged
    WHERE judged.differs AND staged.line = judged.line
    RETURNING staged.line, judged.in_table
)
SELECT line, in_table FROM deleted ORDER BY line;

-- name: insert_staged
-- Insert the rows that do not exist yet.
INSERT INTO examples (collection, id, digest, occurred_at, key_id, payload)
SELECT :'collection', id, digest, occurred_at, key_id, payload FROM staged
UNION ALL
SELECT :'collection', id, digest, occurred_at, key_id, payload FROM repeated
ORDER BY occurred_at
ON CONFLICT (collection, id) DO NOTHING;

-- name: find_stale_collections
-- Count the rows of each collection that do not use the current key.
SELECT collection, count(*) FROM examples WHERE key_id <> :'current' GROUP BY collection ORDER BY collection;

-- name: fetch_stale
-- Get some rows of a collection after a given row that do not use the current key.
SELECT id, occurred_at, key_id, payload FROM examples
WHERE collection = :'collection' AND key_id <> :'current' AND id > :'after'
ORDER BY id LIMIT :'limit';

-- name: update_payloads
-- Re-encrypt rows with the current key, unless another process has.
UPDATE examples SET key_id = :'current', payload = fresh.payload
FROM unnest(:'ids'::bytea[], :'payloads'::bytea[]) AS fresh (id, payload)
WHERE examples.collection = :'collection' AND examples.id = fresh.id AND examples.key_id <> :'current';

-- name: fetch_ids
-- Get the rows of a collection that have one of some ids.
SELECT pack_place(id, occurred_at) AS place, digest, key_id, payload FROM examples
WHERE collection = :'collection' AND id = ANY(:'ids'::bytea[])
ORDER BY occurred_at, id;

-- name: fetch_ids_or_digests
-- Get the rows of a collection that have one of some ids, or whose content has one of some digests, with a scan.
SELECT pack_place(id, occurred_at) AS place, digest, key_id, payload FROM examples
WHERE collection = :'collection' AND (id = ANY(:'ids'::bytea[]) OR digest = ANY(:'digests'::bytea[]))
ORDER BY occurred_at, id;

-- name: wait_for_rotation
-- Wait until no keys are being rotated, and keep rotations from beginning until this transaction ends.
SELECT pg_advisory_xact_lock_shared(hashtext('pipeline examples'), 2);

-- name: correct
-- Give rows another class, which is in their payload and digest, unless they have changed since they were read.
UPDATE examples SET digest = fresh.digest, key_id = :'current', payload = fresh.payload
FROM unnest(:'ids'::bytea[], :'former'::bytea[], :'digests'::bytea[], :'payloads'::bytea[])
    AS fresh (id, former, digest, payload)
WHERE examples.collection = :'collection' AND examples.id = fresh.id AND examples.digest = fresh.former;

-- name: delete
-- Delete rows, unless they have changed since they were read.
DELETE FROM examples USING unnest(:'ids'::bytea[], :'former'::bytea[]) AS chosen (id, former)
WHERE examples.collection = :'collection' AND examples.id = chosen.id AND examples.digest = chosen.former;

-- name: write_change
-- Write into the journal what was changed.
INSERT INTO changes (changed_by, kind, collection, examples, reason)
VALUES (:'changed_by', :'kind', :'collection', :'examples', :'reason');

-- name: list_changes
-- Get the latest changes, newest first.
SELECT changed_at, changed_by, kind, collection, examples, reason FROM changes
ORDER BY change_id DESC LIMIT :'limit';
