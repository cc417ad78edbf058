-- Notifications. How to paste a query into psql: see `pipeline/stores/queries.py`.
-- Each has the number of its last change. Numbers become visible in their order, because a transaction that takes one
-- holds `lock_changes` until it ends; so a client that has read up to a number has missed none below it.

-- name: lock_changes
-- Keep others from numbering a change until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('notification changes', 0));

-- name: insert_missing
-- Insert a notification for every stored model without one, or for one model.
INSERT INTO notifications (model_id, change)
SELECT model_id, nextval('notification_changes') FROM models
WHERE (:run_id::text IS NULL OR run_id = :run_id AND label = :label)
    AND NOT EXISTS (SELECT FROM notifications WHERE notifications.model_id = models.model_id)
ON CONFLICT (model_id) DO NOTHING;

-- name: insert_missing_moves
-- Insert a notification for every alias move without one, in their order.
INSERT INTO notifications (move_id, change)
SELECT move_id, nextval('notification_changes')
FROM (
    SELECT move_id FROM alias_moves
    WHERE NOT EXISTS (SELECT FROM notifications WHERE notifications.move_id = alias_moves.move_id)
    ORDER BY move_id
) AS missing;

-- name: reopen
-- Allow a notification to be published again.
UPDATE notifications SET published_at = NULL, change = nextval('notification_changes')
WHERE notification_id = :'notification_id';

-- name: lock_unpublished
-- Get some notifications of models to publish, of one or of all, except those that another process is publishing.
SELECT notification_id, move_id, label, version, run_id, definition, document_sha256, scores,
    models.created_at AS happened_at
FROM notifications JOIN models USING (model_id)
WHERE published_at IS NULL AND (:run_id::text IS NULL OR run_id = :run_id AND label = :label)
ORDER BY notification_id LIMIT :'limit'
FOR UPDATE OF notifications SKIP LOCKED;

-- name: has_unpublished_moves
-- Return whether an alias move is not published.
SELECT EXISTS (SELECT FROM notifications WHERE published_at IS NULL AND move_id IS NOT NULL);

-- name: try_lock_moves
-- Keep others from publishing alias moves until the transaction ends; return false if another process publishes some.
SELECT pg_try_advisory_xact_lock(hashtextextended('alias moves', 0)) AS is_locked;

-- name: select_unpublished_moves
-- Get some alias moves to publish, in their order.
SELECT * FROM announcements WHERE published_at IS NULL AND move_id IS NOT NULL
ORDER BY move_id LIMIT :'limit';

-- name: mark_published
-- Record that the broker has these notifications.
UPDATE notifications SET published_at = now() WHERE notification_id = ANY(:'notification_ids');

-- name: select_announced
-- List notifications that were published since a moment, or all.
-- An unpublished notification counts as published now: a process that is publishing it may have read the list of queues
-- before the queue of this replay was created.
SELECT * FROM announcements
WHERE :since::timestamptz IS NULL OR coalesce(published_at, now()) >= :since
ORDER BY notification_id;

-- name: select_changed
-- List notifications that were added or changed after a number, in the order of their changes, with alias moves or without.
SELECT * FROM announcements
WHERE change > :'after' AND (:'with_moves' OR move_id IS NULL)
ORDER BY change LIMIT :'limit';

-- name: select_notifications
-- List notifications with the scores of models, newest first.
SELECT notification_id, announcements.label, announcements.version, alias, move_id, announcements.run_id, accuracy,
    testing_set, noted_at AS created_at, published_at
FROM announcements LEFT JOIN listed_models USING (model_id)
ORDER BY notification_id DESC LIMIT :'limit';
