-- The notification queues in PostgreSQL. How to paste a query into psql: see `pipeline/stores/queries.py`.
-- A message that is being handled has a holder: the number of an advisory lock that the consumer's session keeps.
-- PostgreSQL frees the lock when the session ends, however it ends. A message is free if its holder's lock is free.
-- Each query is a transaction of its own, unless it says otherwise.

-- name: select_ready
-- Return whether the schema is this version's or a later one, whether the queues exist, and whether kombu's tables do.
SELECT version_num >= :'newest',
    (SELECT count(*) FROM notification_queues WHERE name = ANY(:'queues')) = cardinality(:'queues'::text[]),
    to_regclass('kombu_message') IS NOT NULL
FROM notifications_schema_version;

-- name: insert_queue
-- Create a queue unless it exists.
INSERT INTO notification_queues (name) VALUES (:'queue') ON CONFLICT DO NOTHING;

-- name: publish_to_all
-- Put a message on every queue but the dead-letter queue. The row lock waits for a queue that is being deleted.
INSERT INTO notification_messages (queue, id, body)
SELECT name, :'id', :'body' FROM notification_queues WHERE name <> :'dead' FOR KEY SHARE;

-- name: publish_to_one
-- Put a message on one queue.
INSERT INTO notification_messages (queue, id, body)
SELECT name, :'id', :'body' FROM notification_queues WHERE name = :'queue' FOR KEY SHARE;

-- name: begin_holding
-- Give this session a holder, once. With these settings the server notices within a minute that a machine is gone.
SELECT holder, pg_advisory_lock(holder),
    set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false)
FROM nextval('notification_holders') AS holder;

-- name: take
-- Take the first free message of a queue and count the delivery, whatever happens to the holder afterwards.
-- It does not wait for the server's disk: a power failure within the second loses the count, not the message.
UPDATE notification_messages SET holder = :'holder', deliveries = deliveries + 1
WHERE queue = :'queue' AND place = (
    SELECT place FROM notification_messages
    WHERE queue = :'queue' AND (holder IS NULL OR pg_try_advisory_xact_lock_shared(holder))
    ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING place, id, body::text, deliveries, first_death_queue, first_death_reason,
    set_config('synchronous_commit', 'off', true);

-- name: acknowledge
-- Delete a message that its holder has handled.
DELETE FROM notification_messages WHERE queue = :'queue' AND place = :'place' AND holder = :'holder';

-- name: give_up
-- Move a message to the dead-letter queue.
UPDATE notification_messages
SET queue = :'dead', holder = NULL, deliveries = 0,
    first_death_queue = coalesce(first_death_queue, queue),
    first_death_reason = coalesce(first_death_reason, :'reason')
WHERE queue = :'queue' AND place = :'place' AND holder = :'holder';

-- name: count_ready
-- Count the free messages of each queue.
SELECT name, count(place) FILTER (WHERE holder IS NULL OR pg_try_advisory_xact_lock_shared(holder))
FROM notification_queues LEFT JOIN notification_messages ON queue = name
GROUP BY name ORDER BY name;

-- name: count_old
-- Count messages that were published longer ago and that nobody is handling.
SELECT count(*) FROM notification_messages
WHERE published_at < now() - make_interval(days => :'days')
    AND (holder IS NULL OR pg_try_advisory_xact_lock_shared(holder));

-- name: delete_old
-- Delete messages that were published longer ago and that nobody is handling.
DELETE FROM notification_messages
WHERE published_at < now() - make_interval(days => :'days')
    AND (holder IS NULL OR pg_try_advisory_xact_lock_shared(holder));

-- name: lock_queue
-- Begin to delete a queue, in one transaction with the next two: publishers wait for it and then skip the queue.
SELECT FROM notification_queues WHERE name = :'queue' FOR UPDATE;

-- name: delete_messages
-- Delete the messages of a queue.
DELETE FROM notification_messages WHERE queue = :'queue';

-- name: delete_queue
-- Delete a queue that has no messages.
DELETE FROM notification_queues WHERE name = :'queue';
