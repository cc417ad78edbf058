"""The notification queues, and the messages that wait in them."""

from alembic import op

revision = "0001"
down_revision = None

QUEUES = "CREATE TABLE notification_queues (name text PRIMARY KEY)"

# `json` keeps what was published to the letter. A dead letter is in the dead-letter queue. The one index leads to the
# oldest message of a queue, whatever waits in others; what taking a message changes is not in it, so on a page that has
# room taking needs no new index entry.
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

# Whoever takes messages holds an advisory lock on a number from here for as long as its session lasts. They begin
# above 32 bits, where nobody else's locks in this database are likely to be.
HOLDERS = "CREATE SEQUENCE notification_holders MINVALUE 4294967296"


def upgrade() -> None:
    """Create the tables."""
    for statement in (QUEUES, MESSAGES, HOLDERS):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: it would destroy messages."""
    raise NotImplementedError("the first migration of the notification queues is not undone")
