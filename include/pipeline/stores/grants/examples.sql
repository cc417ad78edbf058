-- Who may do what in the examples database; the role `owner` may do everything. How to paste a query into psql: see
-- `pipeline/stores/queries.py`. Each query is named after its role, and takes back what an earlier version allowed.

-- name: tasks
-- Tasks read examples, and what was changed in them. Loading, rotating keys, correcting and deleting are commands, which
-- the owner runs.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO tasks'; END $$;
REVOKE ALL ON examples, keyring, changes, examples_schema_version FROM tasks;
GRANT SELECT ON examples, keyring, changes, examples_schema_version TO tasks;

-- name: registry
-- The registry counts examples and compares their keyed digests, for the preview of a plan. It reads no payload.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO registry'; END $$;
REVOKE ALL ON examples, keyring, changes, examples_schema_version FROM registry;
GRANT SELECT (collection, id, digest, occurred_at) ON examples TO registry;
