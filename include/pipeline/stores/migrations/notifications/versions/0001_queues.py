"""The notification queues, and the messages that wait in them."""

from alembic import op

revision = "0001"
down_revision = None

QUEUES = "CREATE TABLE notification_queues (name text PRIMARY KEY)"

# `json` keeps the published text unchanged. Dead letters are in the dead-letter queue. The only index leads to the
# oldest message of a queue, whatever waits in others. It has no column that changes when a message is taken, so taking
# one needs no new index entry if the page has room.
MESSAGES = """
CREATE TABLE notification_messages (
    queue text NOT NULL REFERENCES notification_queues,
    place bigint GENERATED ALWAYS AS IDENTITY,
    id text,
    body json NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    holder bigint,
    deliveries integer NOT NULL DEFAULT 0,
    first_death_queue text,
    first_death_reason text,
    PRIMARY KEY (queue, place)
) WITH (fillfactor = 70)
"""

# A session that takes messages holds an advisory lock on a number of this sequence until the session ends. The numbers
# begin above 32 bits, where other locks in this database are unlikely.
HOLDERS = "CREATE SEQUENCE notification_holders MINVALUE 4294967296"


def upgrade() -> None:
    """Create the tables."""
    for statement in (QUEUES, MESSAGES, HOLDERS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: it would destroy messages."""
    raise NotImplementedError("the first migration of the notification queues is not undone")
