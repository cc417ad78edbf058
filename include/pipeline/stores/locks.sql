-- Locks under which workers prepare what they share. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: try_lock
-- Take a lock if it is free; return whether it was.
SELECT pg_try_advisory_lock(:'key');

-- name: wait_for_lock
-- Wait for a lock and take it.
SELECT pg_advisory_lock(:'key');

-- name: unlock
-- Free a lock.
SELECT pg_advisory_unlock(:'key');
