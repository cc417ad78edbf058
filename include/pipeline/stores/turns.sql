-- Locks under which workers prepare what they share. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: try_turn
-- Take a lock if it is free, and tell whether it was.
SELECT pg_try_advisory_lock(:'key');

-- name: await_turn
-- Take a lock once it is free.
SELECT pg_advisory_lock(:'key');

-- name: end_turn
-- Give a lock back.
SELECT pg_advisory_unlock(:'key');
