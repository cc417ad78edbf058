"""Queries of the notification queues in PostgreSQL; each is a transaction of its own unless it says otherwise.

A message that is held names its holder: the number on which the holder's session keeps an advisory lock. PostgreSQL
lets go of that lock when the session ends, however it ends, and whoever can get it knows that the message is free.
"""

from typing import Final

# Whether the schema is this version's or a later one's, and whether there is nothing else to make or to move.
SELECT_READY: Final = """
SELECT version_num >= %(newest)s,
    (SELECT count(*) FROM notification_queues WHERE name = ANY(%(queues)s)) = cardinality(%(queues)s::text[])
        AND to_regclass('kombu_message') IS NULL
FROM notifications_schema_version
"""

INSERT_QUEUE: Final = "INSERT INTO notification_queues (name) VALUES (%(queue)s) ON CONFLICT DO NOTHING"

# The lock has a queue that is being deleted gone before its name is used.
PUBLISH_TO_ALL: Final = """
INSERT INTO notification_messages (queue, id, body)
SELECT name, %(id)s, %(body)s FROM notification_queues WHERE name <> %(dead)s FOR KEY SHARE
"""
PUBLISH_TO_ONE: Final = """
INSERT INTO notification_messages (queue, id, body)
SELECT name, %(id)s, %(body)s FROM notification_queues WHERE name = %(queue)s FOR KEY SHARE
"""

# Once for each session that takes messages. Of a consumer whose machine is gone the server hears within a minute.
BEGIN_HOLDING: Final = """
SELECT holder, pg_advisory_lock(holder),
    set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false)
FROM nextval('notification_holders') AS holder
"""

# One transaction, so that the count stands whatever becomes of the holder. It does not wait for the server's disk: if
# that loses power within the second, the message is free and was delivered once more than it says.
TAKE: Final = """
UPDATE notification_messages SET holder = %(holder)s, deliveries = deliveries + 1
WHERE queue = %(queue)s AND place = (
    SELECT place FROM notification_messages
    WHERE queue = %(queue)s AND (holder IS NULL OR pg_try_advisory_xact_lock_shared(holder))
    ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING place, id, body::text, deliveries, first_death_queue, first_death_reason,
    set_config('synchronous_commit', 'off', true)
"""

ACKNOWLEDGE: Final = """
DELETE FROM notification_messages WHERE queue = %(queue)s AND place = %(place)s AND holder = %(holder)s
"""

GIVE_UP: Final = """
UPDATE notification_messages
SET queue = %(dead)s, holder = NULL, deliveries = 0,
    first_death_queue = coalesce(first_death_queue, queue),
    first_death_reason = coalesce(first_death_reason, %(reason)s)
WHERE queue = %(queue)s AND place = %(place)s AND holder = %(holder)s
"""

COUNT_READY: Final = """
SELECT name, count(place) FILTER (WHERE holder IS NULL OR pg_try_advisory_xact_lock_shared(holder))
FROM notification_queues LEFT JOIN notification_messages ON queue = name
GROUP BY name ORDER BY name
"""

# These three in one transaction: publishers wait for it, and then leave the queue out.
LOCK_QUEUE: Final = "SELECT FROM notification_queues WHERE name = %(queue)s FOR UPDATE"
DELETE_MESSAGES: Final = "DELETE FROM notification_messages WHERE queue = %(queue)s"
DELETE_QUEUE: Final = "DELETE FROM notification_queues WHERE name = %(queue)s"
