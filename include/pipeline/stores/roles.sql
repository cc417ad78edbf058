-- The roles of a server, and who owns its databases. How to paste a query into psql: see `pipeline/stores/queries.py`.
-- A query that writes statements returns one a row: in psql, end it with `\gexec` in place of the semicolon.

-- name: lock_roles
-- Keep others from changing roles and rights until the transaction ends: PostgreSQL refuses to change one twice at once.
SELECT pg_advisory_xact_lock(hashtext('pipeline roles'));

-- name: list_roles
-- List those of some roles that exist.
SELECT rolname::text FROM pg_roles WHERE rolname = ANY(:'roles'::text[]);

-- name: write_role
-- Write the statement that creates a role, or gives it its password if it exists.
SELECT CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') THEN 'ALTER ROLE ' ELSE 'CREATE ROLE ' END
    || quote_ident(:'role') || ' LOGIN PASSWORD ' || quote_literal(:'password');

-- name: write_membership
-- Write the statement that lets this session give objects to a role; a superuser needs none.
SELECT 'GRANT ' || quote_ident(:'role') || ' TO CURRENT_USER'
FROM pg_roles WHERE rolname = CURRENT_USER AND NOT rolsuper;

-- name: write_owner
-- Write the statements that give a database its owner, and take from everybody else the right to connect to it.
SELECT 'ALTER DATABASE ' || quote_ident(:'database') || ' OWNER TO ' || quote_ident(:'owner')
UNION ALL
SELECT 'REVOKE ALL ON DATABASE ' || quote_ident(:'database') || ' FROM PUBLIC';

-- name: write_checkpoint_rights
-- Write the statements that let a role drop the server's log of what it has deleted; only a superuser can.
SELECT statement
FROM unnest(ARRAY[
    'GRANT pg_checkpoint TO ' || quote_ident(:'owner'),
    'GRANT EXECUTE ON FUNCTION pg_switch_wal() TO ' || quote_ident(:'owner')
]) AS statement
WHERE (SELECT rolsuper FROM pg_roles WHERE rolname = CURRENT_USER)
    AND EXISTS (SELECT FROM pg_roles WHERE rolname = 'pg_checkpoint');

-- name: write_gifts
-- Write the statements that give a role what this session's role owns in this database: an earlier version made it.
-- Indexes, and sequences that belong to a column, follow their table.
WITH parts AS (
    SELECT 'pg_class'::regclass AS catalogue, oid, relowner AS owner, relnamespace AS namespace,
        oid::regclass::text AS name,
        CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
            AS kind
    FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S')
    UNION ALL
    SELECT 'pg_proc'::regclass, oid, proowner, pronamespace, oid::regprocedure::text, 'ROUTINE' FROM pg_proc
    UNION ALL
    SELECT 'pg_type'::regclass, oid, typowner, typnamespace, oid::regtype::text, 'TYPE' FROM pg_type
    WHERE typtype IN ('d', 'e')
)
SELECT 'ALTER ' || kind || ' ' || name || ' OWNER TO ' || quote_ident(:'owner')
FROM parts JOIN pg_namespace ON pg_namespace.oid = namespace
WHERE owner = (SELECT oid FROM pg_roles WHERE rolname = CURRENT_USER)
    AND NOT starts_with(nspname, 'pg_') AND nspname <> 'information_schema'
    AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = catalogue AND objid = parts.oid AND (deptype = 'e' OR kind = 'SEQUENCE' AND deptype IN ('a', 'i'))
    );
