"""Every query to the examples database."""

from typing import Final

# A place is the row's id and the microseconds from 1970, as the cipher binds a payload to them; PostgreSQL counts from
# 2000, so 30 years are added, in hours because days would be those of a calendar.
FETCH: Final = """
SELECT id || timestamptz_send(occurred_at + INTERVAL '262968 hours') AS place, digest, key_id, payload
FROM examples
WHERE collection = %(collection)s AND occurred_at >= %(start)s AND occurred_at < %(end)s
ORDER BY occurred_at
"""

FETCH_COLLECTION: Final = """
SELECT id || timestamptz_send(occurred_at + INTERVAL '262968 hours') AS place, digest, key_id, payload
FROM examples WHERE collection = %(collection)s
"""

SUMMARISE_COLLECTIONS: Final = """
SELECT collection, count(*), min(occurred_at), max(occurred_at) FROM examples GROUP BY collection
ORDER BY collection
"""

COUNT_SELECTIONS: Final = """
SELECT count(id)
FROM unnest(%(collections)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
    WITH ORDINALITY AS selection (collection, starts_at, ends_at, position)
LEFT JOIN examples
    ON examples.collection = selection.collection AND occurred_at >= starts_at AND occurred_at < ends_at
GROUP BY position ORDER BY position
"""

# The same as `digest_rows` gives for what `FETCH` returns, without opening a row.
DIGEST_SELECTIONS: Final = """
SELECT sha256(coalesce(string_agg(digest, ''::bytea ORDER BY digest), ''::bytea))
FROM unnest(%(collections)s::text[], %(starts)s::timestamptz[], %(ends)s::timestamptz[])
    WITH ORDINALITY AS selection (collection, starts_at, ends_at, position)
LEFT JOIN examples
    ON examples.collection = selection.collection AND occurred_at >= starts_at AND occurred_at < ends_at
GROUP BY position ORDER BY position
"""

COUNT_BY_KEY: Final = """
SELECT collection, key_id, count(*) FROM examples GROUP BY collection, key_id ORDER BY collection, key_id
"""

CREATE_STAGED: Final = """
CREATE TEMPORARY TABLE staged (
    line bigint, id bytea, digest bytea, occurred_at timestamptz, given boolean, key_id text, payload bytea,
    former bytea
) ON COMMIT DROP
"""

COPY_STAGED: Final = """
COPY staged (line, id, digest, occurred_at, given, key_id, payload, former) FROM STDIN (FORMAT BINARY)
"""

# Earlier versions kept a class as the file spells it, and of equal rows the first one.
DELETE_FORMER: Final = """
WITH known AS (
    SELECT min(staged.line) AS line
    FROM staged
    INNER JOIN examples ON examples.collection = %(collection)s AND examples.id = staged.former
    WHERE staged.former IS NOT NULL AND NOT staged.given
    GROUP BY staged.former
)
DELETE FROM staged USING known WHERE staged.line = known.line
"""

# Of rows with equal content: all but the first, which stays as it is. Grouped first, so that not all rows are sorted.
FIND_REPEATED: Final = """
SELECT max(octet_length(payload)) FROM staged
WHERE id IN (SELECT id FROM staged WHERE NOT given GROUP BY id HAVING count(*) > 1)
"""
FETCH_REPEATED: Final = """
SELECT id || timestamptz_send(occurred_at + INTERVAL '262968 hours') AS place, line, digest, key_id, payload, occurrence
FROM (
    SELECT *, row_number() OVER (PARTITION BY id ORDER BY line) AS occurrence FROM staged
    WHERE id IN (SELECT id FROM staged WHERE NOT given GROUP BY id HAVING count(*) > 1)
) AS numbered
WHERE occurrence > 1
"""

CREATE_REPEATED: Final = "CREATE TEMPORARY TABLE repeated (LIKE staged) ON COMMIT DROP"

COPY_REPEATED: Final = """
COPY repeated (line, id, digest, occurred_at, given, key_id, payload, former) FROM STDIN (FORMAT BINARY)
"""

# The first load leaves its key ring's fingerprint; a table without examples takes another one.
REMEMBER_KEYRING: Final = """
INSERT INTO keyring (fingerprint) VALUES (%(fingerprint)s)
ON CONFLICT (one) DO UPDATE SET fingerprint = EXCLUDED.fingerprint WHERE NOT EXISTS (SELECT FROM examples)
"""
READ_KEYRING: Final = "SELECT fingerprint FROM keyring"

# From here to the end of the transaction no other load can put a row between the check and the insert.
HOLD_OFF_OTHER_LOADS: Final = "LOCK TABLE examples IN SHARE ROW EXCLUSIVE MODE"

# The table's row decides what an id means; where it has none, the file's first row with that id does.
DELETE_CONFLICTS: Final = """
WITH judged AS (
    SELECT
        staged.line,
        stored.id IS NOT NULL AS in_table,
        staged.digest <> coalesce(
            stored.digest, first_value(staged.digest) OVER (PARTITION BY staged.id ORDER BY staged.line)
        ) AND coalesce(staged.former <> stored.digest, TRUE) AS differs
    FROM staged
    LEFT JOIN examples AS stored ON stored.collection = %(collection)s AND stored.id = staged.id
    WHERE staged.given
), deleted AS (
    DELETE FROM staged USING judged
    WHERE judged.differs AND staged.line = judged.line
    RETURNING staged.line, judged.in_table
)
SELECT line, in_table FROM deleted ORDER BY line
"""

INSERT_STAGED: Final = """
INSERT INTO examples (collection, id, digest, occurred_at, key_id, payload)
SELECT %(collection)s, id, digest, occurred_at, key_id, payload FROM staged
UNION ALL
SELECT %(collection)s, id, digest, occurred_at, key_id, payload FROM repeated
ORDER BY occurred_at
ON CONFLICT (collection, id) DO NOTHING
"""

# Loads hold this lock shared while they use the current key; a rotation's end holds it alone.
LOCK_LOADS_SHARED: Final = "SELECT pg_advisory_xact_lock_shared(hashtext('pipeline examples'), 1)"
LOCK_LOADS_ALONE: Final = "SELECT pg_advisory_lock(hashtext('pipeline examples'), 1)"
TRY_LOCK_ROTATION: Final = "SELECT pg_try_advisory_lock(hashtext('pipeline examples'), 2)"
# Readers hold this one shared from taking their snapshot to reading the keys; dropping a key holds it alone.
LOCK_KEYS_SHARED: Final = "SELECT pg_advisory_lock_shared(hashtext('pipeline examples'), 3)"
TAKE_SNAPSHOT: Final = "SELECT 1"  # REPEATABLE READ takes it with a transaction's first query
UNLOCK_KEYS_SHARED: Final = "SELECT pg_advisory_unlock_shared(hashtext('pipeline examples'), 3)"
LOCK_KEYS_ALONE: Final = "SELECT pg_advisory_lock(hashtext('pipeline examples'), 3)"

FIND_STALE_COLLECTIONS: Final = """
SELECT collection, count(*) FROM examples WHERE key_id <> %(current)s GROUP BY collection ORDER BY collection
"""

FETCH_STALE: Final = """
SELECT id, occurred_at, key_id, payload FROM examples
WHERE collection = %(collection)s AND key_id <> %(current)s AND id > %(after)s
ORDER BY id LIMIT %(limit)s
"""

UPDATE_PAYLOADS: Final = """
UPDATE examples SET key_id = %(current)s, payload = fresh.payload
FROM unnest(%(ids)s::bytea[], %(payloads)s::bytea[]) AS fresh (id, payload)
WHERE examples.collection = %(collection)s AND examples.id = fresh.id AND examples.key_id <> %(current)s
"""
