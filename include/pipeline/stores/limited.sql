-- A limit on how long statements take. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: limit_statements
-- End each later statement of this transaction that takes longer than so many milliseconds.
SELECT set_config('statement_timeout', :'milliseconds'::text, TRUE);
