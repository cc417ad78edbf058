-- Who may do what in the examples database; the role `owner` may do everything. How to paste a query into psql: see
-- `pipeline/stores/queries.py`. Each query is named after its role, and takes back what an earlier version allowed.

-- name: tasks
-- Tasks read examples. Loading, rotating keys and deleting are commands, which the owner runs.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO tasks'; END $$;
REVOKE ALL ON examples, keyring, examples_schema_version FROM tasks;
GRANT SELECT ON examples, keyring, examples_schema_version TO tasks;
