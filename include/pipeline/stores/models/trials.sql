-- Trials of a search: definitions tried with a part of the whole. How to paste a query into psql: see
-- `pipeline/stores/queries.py`.
-- A trial that is running has a holder: the number of an advisory lock that the worker's session keeps. PostgreSQL frees
-- the lock when the session ends, however it ends. A trial without a score is free if its holder's lock is free.

-- name: select_search
-- Get what a run's search is, with the seed and the metric of the run; `search` is NULL if there is none.
SELECT search, seed, metric, (budgets ->> 'max_memory_mb')::integer FROM runs WHERE run_id = :'run_id';

-- name: begin_holding
-- Give this session a holder, once. With these settings the server notices within a minute that a machine is gone.
SELECT holder, pg_advisory_lock(hashtext('pipeline trials'), holder),
    set_config('tcp_keepalives_idle', '30', false), set_config('tcp_keepalives_interval', '10', false),
    set_config('tcp_keepalives_count', '3', false)
FROM CAST(nextval('trial_holders') AS integer) AS holder;

-- name: end_holding
-- Free the lock of a holder whose session is used for something else afterwards.
SELECT pg_advisory_unlock(hashtext('pipeline trials'), :'holder');

-- name: hold_run
-- Let one worker after the other choose what it tries; return whether nothing begins any more.
SELECT is_late(began_at, budgets) FROM runs WHERE run_id = :'run_id' FOR NO KEY UPDATE;

-- name: select_entrants
-- List the definitions that are tried on the same examples as one of them, in the plan's order.
-- Each has its scores from the first rung on and how many seconds the last of these trials took, and of its trial that
-- has no score yet, how often it was begun and whether it is running.
SELECT each.label, each.position, each.state, md5((each.definition -> 'adapter')::text) AS adapter,
    coalesce(scored.scores, '{}') AS scores, coalesce(scored.macro_f1s, '{}') AS macro_f1s,
    coalesce(scored.seconds, 0) AS seconds, coalesce(open.attempts, 0) AS attempts,
    CASE WHEN open.holder IS NULL THEN false
        ELSE NOT pg_try_advisory_xact_lock_shared(hashtext('pipeline trials'), open.holder) END AS is_running
FROM definitions AS own
JOIN definitions AS each ON each.run_id = own.run_id AND each.state NOT IN ('reused', 'duplicate')
    AND each.definition -> 'dataset' = own.definition -> 'dataset'
    AND each.examples_digest IS NOT DISTINCT FROM own.examples_digest
CROSS JOIN LATERAL (
    SELECT array_agg(score ORDER BY rung) AS scores, array_agg(macro_f1 ORDER BY rung) AS macro_f1s,
        (array_agg(extract(epoch FROM ended_at - began_at)::float8 ORDER BY rung DESC))[1] AS seconds
    FROM trials WHERE trials.run_id = each.run_id AND trials.label = each.label AND score IS NOT NULL
) AS scored
LEFT JOIN trials AS open ON open.run_id = each.run_id AND open.label = each.label AND open.score IS NULL
WHERE own.run_id = :'run_id' AND own.label = :'label'
ORDER BY each.position;

-- name: select_definition
-- Get a definition and the digest of its examples.
SELECT definition, examples_digest FROM definitions WHERE run_id = :'run_id' AND label = :'label';

-- name: begin_trial
-- Write that a trial begins, or begins again.
INSERT INTO trials (run_id, label, rung, tried_by, holder, host)
VALUES (:'run_id', :'label', :'rung', :'tried_by', :'holder', :'host')
ON CONFLICT (run_id, label, rung) DO UPDATE SET tried_by = EXCLUDED.tried_by, holder = EXCLUDED.holder,
    host = EXCLUDED.host, attempts = trials.attempts + 1, began_at = now()
WHERE trials.score IS NULL;

-- name: end_trial
-- Write how good a definition was; nothing happens if another worker has written it, or if the run began again.
UPDATE trials SET examples = :'examples', score = :'score', macro_f1 = :'macro_f1', ended_at = now(), holder = NULL
WHERE run_id = :'run_id' AND label = :'label' AND rung = :'rung' AND holder = :'holder' AND score IS NULL;

-- name: leave_trial
-- Leave a trial that went wrong to the task instance of its own definition.
UPDATE trials SET holder = NULL, attempts = attempts + :'most'
WHERE run_id = :'run_id' AND label = :'label' AND rung = :'rung' AND holder = :'holder' AND score IS NULL;

-- name: select_trials
-- List a run's trials, or those of one definition, in the order in which they began.
SELECT label, rung, tried_by, host, attempts, began_at, ended_at, examples, score, macro_f1 FROM trials
WHERE run_id = :'run_id' AND (:label::text IS NULL OR label = :label)
ORDER BY began_at, label;
