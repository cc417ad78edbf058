"""Notifications of alias moves: each move is announced once, as each stored model is."""

from alembic import op

revision = "0007"
down_revision = "0006"

NOTIFICATIONS = """
ALTER TABLE notifications
    ALTER COLUMN model_id DROP NOT NULL,
    ADD COLUMN move_id bigint UNIQUE REFERENCES alias_moves ON DELETE CASCADE,
    ADD CONSTRAINT notifications_of_one_check CHECK (num_nonnulls(model_id, move_id) = 1)
"""

# Earlier moves count as published when they were made, so nobody is told of them now; a replay includes them.
EARLIER = """
INSERT INTO notifications (move_id, change, created_at, published_at)
SELECT move_id, nextval('notification_changes'), moved_at, moved_at
FROM (SELECT move_id, moved_at FROM alias_moves ORDER BY move_id) AS earlier
"""

# What each message contains. Only those of models have a run, a definition and scores; only those of moves an alias.
ANNOUNCEMENTS = """
CREATE VIEW announcements AS
SELECT notification_id, change, noted.created_at AS noted_at, published_at, noted.model_id, noted.move_id,
    coalesce(models.label, target.label) AS label, coalesce(models.version, target.version) AS version,
    models.run_id, models.definition, models.scores, moves.alias,
    coalesce(models.document_sha256, moves.document_sha256) AS document_sha256,
    previous.label AS previous_label, previous.version AS previous_version, moves.moved_by, moves.reason,
    coalesce(models.created_at, moves.moved_at) AS happened_at
FROM notifications AS noted
LEFT JOIN models ON models.model_id = noted.model_id
LEFT JOIN alias_moves AS moves ON moves.move_id = noted.move_id
LEFT JOIN models AS target ON target.model_id = moves.model_id
LEFT JOIN LATERAL (
    SELECT before.label, before.version
    FROM alias_moves AS earlier LEFT JOIN models AS before ON before.model_id = earlier.model_id
    WHERE earlier.alias = moves.alias AND earlier.move_id < moves.move_id
    ORDER BY earlier.move_id DESC LIMIT 1
) AS previous ON true
"""


def upgrade() -> None:
    """Let a notification be of a move, note the earlier moves, and create the view."""
    for statement in (NOTIFICATIONS, EARLIER, ANNOUNCEMENTS):
        op.execute(statement)


def downgrade() -> None:
    """Drop the view and the notifications of moves; the moves themselves stay."""
    op.execute("DROP VIEW announcements")
    op.execute("DELETE FROM notifications WHERE move_id IS NOT NULL")
    op.execute("ALTER TABLE notifications DROP COLUMN move_id, ALTER COLUMN model_id SET NOT NULL")
