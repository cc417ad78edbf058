"""The notification queues, and the messages that wait in them."""

from alembic import op

revision = "0001"
down_revision = None

QUEUES = "CREATE TABLE notification_queues (name text PRIMARY KEY)"

# A message's queue, when it is a dead letter, is the dead-letter queue. `json` keeps what was published to the letter.
# What taking a message changes is in no index, so a page that has room for it needs no new index entry.
MESSAGES = """
CREATE TABLE notification_messages (
    place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    queue text NOT NULL REFERENCES notification_queues,
    id text,
    body json NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now(),
    holder bigint,
    deliveries integer NOT NULL DEFAULT 0,
    first_death_queue text,
    first_death_reason text
) WITH (fillfactor = 70)
"""
BY_QUEUE = "CREATE INDEX notification_messages_by_queue ON notification_messages (queue, place)"

# Whoever takes messages holds an advisory lock on a number from here for as long as its session lasts. They begin
# above 32 bits, where nobody else's locks in this database are likely to be.
HOLDERS = "CREATE SEQUENCE notification_holders MINVALUE 4294967296"


def upgrade() -> None:
    """Create the tables."""
    for statement in (QUEUES, MESSAGES, BY_QUEUE, HOLDERS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: it would destroy messages."""
    raise NotImplementedError("the first migration of the notification queues is not undone")
