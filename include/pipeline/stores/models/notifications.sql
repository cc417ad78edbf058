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

-- name: reopen
-- Allow a notification to be published again.
UPDATE notifications SET published_at = NULL, change = nextval('notification_changes')
WHERE notification_id = :'notification_id';

-- name: lock_unpublished
-- Get some notifications to publish, of one model or of all, except those that another process is publishing.
SELECT notification_id, label, version, run_id, definition, document_sha256, scores, models.created_at
FROM notifications JOIN models USING (model_id)
WHERE published_at IS NULL AND (:run_id::text IS NULL OR run_id = :run_id AND label = :label)
ORDER BY notification_id LIMIT :'limit'
FOR UPDATE OF notifications SKIP LOCKED;

-- name: mark_published
-- Record that the broker has these notifications.
UPDATE notifications SET published_at = now() WHERE notification_id = ANY(:'notification_ids');

-- name: select_announced
-- List notifications that were published since a moment, or all.
-- An unpublished notification counts as published now: a process that is publishing it may have read the list of queues
-- before the queue of this replay was created.
SELECT label, version, run_id, definition, document_sha256, scores, models.created_at
FROM notifications JOIN models USING (model_id)
WHERE :since::timestamptz IS NULL OR coalesce(published_at, now()) >= :since
ORDER BY notification_id;

-- name: select_changed
-- List notifications that were added or changed after a number, in the order of their changes.
SELECT change, label, version, run_id, definition, document_sha256, scores, models.created_at, published_at
FROM notifications JOIN models USING (model_id)
WHERE change > :'after' ORDER BY change LIMIT :'limit';

-- name: select_notifications
-- List notifications with their scores, newest first.
SELECT notification_id, label, version, run_id, accuracy, testing_set, notifications.created_at, published_at
FROM notifications JOIN listed_models USING (model_id)
ORDER BY notification_id DESC LIMIT :'limit';
