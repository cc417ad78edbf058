"""Moves what earlier versions stored in kombu's tables to this version's tables.

This is not a migration that runs once: a process that the upgrade has not stopped yet recreates those tables and
publishes.
"""

import base64
import json
from typing import Any, Final

import psycopg

# They are created in one transaction, so either both exist or neither.
EXIST: Final = "SELECT to_regclass('kombu_queue') IS NOT NULL"
# Other software may use kombu on this database; its tables are not locked without need.
ARE_OURS: Final = """
SELECT coalesce(bool_or(name = %(family)s OR starts_with(name, %(family)s || '.')), true) FROM kombu_queue
"""
SET_PATIENCE: Final = "SET LOCAL lock_timeout = '5s'"
# A process that still publishes there waits, and then fails: the notification stays unpublished, and is moved later.
LOCK: Final = "LOCK TABLE kombu_queue, kombu_message IN ACCESS EXCLUSIVE MODE"
INSERT_QUEUES: Final = """
INSERT INTO notification_queues (name)
SELECT name FROM kombu_queue WHERE name = %(family)s OR starts_with(name, %(family)s || '.') ON CONFLICT DO NOTHING
"""
# In the order in which kombu delivers them. Invisible ones have been delivered.
SELECT_WAITING: Final = """
SELECT name, payload FROM kombu_message JOIN kombu_queue ON kombu_queue.id = queue_id
WHERE visible AND (name = %(family)s OR starts_with(name, %(family)s || '.'))
ORDER BY kombu_message.timestamp, kombu_message.id
"""
INSERT_MESSAGE: Final = """
INSERT INTO notification_messages (queue, id, body, published_at, first_death_queue, first_death_reason)
VALUES (%(queue)s, %(id)s, %(body)s::json, coalesce(to_timestamp(%(published)s), now()), %(death_queue)s,
    %(death_reason)s)
"""
DELETE_MESSAGES: Final = """
DELETE FROM kombu_message USING kombu_queue
WHERE kombu_queue.id = queue_id AND (name = %(family)s OR starts_with(name, %(family)s || '.'))
"""
DELETE_QUEUES: Final = "DELETE FROM kombu_queue WHERE name = %(family)s OR starts_with(name, %(family)s || '.')"
SELECT_OTHERS: Final = "SELECT EXISTS (SELECT FROM kombu_queue)"
DROP_TABLES: Final = "DROP TABLE kombu_message, kombu_queue"
DROP_SEQUENCES: Final = "DROP SEQUENCE IF EXISTS message_id_sequence, queue_id_sequence"


def move_kombu_messages(connection: psycopg.Connection[Any], family: str) -> int:
    """Move the queues called `family` or `family.…`, with the messages waiting in them, and drop kombu's tables.

    If other software has queues there too, the tables stay, with its queues. All of it happens in one transaction, or
    nothing does; two processes at once move each message once.

    Returns:
        How many messages were moved.
    """
    if connection.execute(EXIST).fetchone() != (True,):
        return 0
    try:
        if connection.execute(ARE_OURS, {"family": family}).fetchone() != (True,):
            return 0
        with connection.transaction():
            connection.execute(SET_PATIENCE)
            connection.execute(LOCK)
            connection.execute(INSERT_QUEUES, {"family": family})
            waiting = connection.execute(SELECT_WAITING, {"family": family}).fetchall()
            for queue, payload in waiting:
                connection.execute(INSERT_MESSAGE, _read(queue, payload))
            connection.execute(DELETE_MESSAGES, {"family": family})
            connection.execute(DELETE_QUEUES, {"family": family})
            if connection.execute(SELECT_OTHERS).fetchone() == (False,):
                connection.execute(DROP_TABLES)
                connection.execute(DROP_SEQUENCES)
    except psycopg.errors.UndefinedTable:  # another process moved them while this one waited for the lock
        return 0
    except psycopg.errors.InsufficientPrivilege:  # `pipeline up` and `pipeline migrate` move them, as the owner
        return 0
    return len(waiting)


def _read(queue: str, payload: str) -> dict[str, Any]:
    """Return the values of a row; a body that is not JSON is kept as a JSON string of its text."""
    message = json.loads(payload)
    properties, headers, body = message["properties"], message.get("headers") or {}, message["body"]
    text = base64.b64decode(body).decode(errors="replace") if properties.get("body_encoding") == "base64" else body
    return {
        "queue": queue,
        "id": properties.get("message_id"),
        "body": text if message.get("content-type") == "application/json" and _is_json(text) else json.dumps(text),
        "published": properties.get("timestamp"),
        "death_queue": headers.get("x-first-death-queue"),
        "death_reason": headers.get("x-first-death-reason"),
    }


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError:
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
