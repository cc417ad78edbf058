-- Who may do what in the database of the notification queues; the role `owner` may do everything. How to paste a query
-- into psql: see `pipeline/stores/queries.py`. Each query is named after its role, and takes back what an earlier version
-- allowed. To hold a row that a foreign key or a lock needs, PostgreSQL asks for UPDATE on one of its columns.

-- name: tasks
-- Tasks publish, and delete messages that are old, without reading them.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO tasks'; END $$;
REVOKE ALL ON notification_queues, notification_messages, notifications_schema_version FROM tasks;
REVOKE ALL ON SEQUENCE notification_holders FROM tasks;
GRANT SELECT ON notification_queues, notifications_schema_version TO tasks;
GRANT UPDATE (name) ON notification_queues TO tasks;
GRANT INSERT, DELETE, SELECT (published_at, holder) ON notification_messages TO tasks;

-- name: registry
-- The registry publishes.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO registry'; END $$;
REVOKE ALL ON notification_queues, notification_messages, notifications_schema_version FROM registry;
REVOKE ALL ON SEQUENCE notification_holders FROM registry;
GRANT SELECT ON notification_queues, notifications_schema_version TO registry;
GRANT UPDATE (name) ON notification_queues TO registry;
GRANT INSERT ON notification_messages TO registry;

-- name: service
-- The service has a queue of its own, and consumes from it.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO service'; END $$;
REVOKE ALL ON notification_queues, notification_messages, notifications_schema_version FROM service;
REVOKE ALL ON SEQUENCE notification_holders FROM service;
GRANT SELECT, INSERT ON notification_queues TO service;
GRANT SELECT ON notifications_schema_version TO service;
GRANT SELECT, UPDATE, DELETE ON notification_messages TO service;
GRANT USAGE ON SEQUENCE notification_holders TO service;
