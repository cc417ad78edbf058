-- The budgets of a run: what ends before it has begun, and why. How to paste a query into psql: see
-- `pipeline/stores/queries.py`. `definitions.budget` names the budget that has ended a definition.

-- name: select_end
-- Get how and why a budget has ended a definition; no row if none has, or if its run has ended or begun again since.
SELECT state, error FROM definitions JOIN runs USING (run_id)
WHERE run_id = :'run_id' AND label = :'label' AND budget IS NOT NULL AND closed_at IS NULL
    AND definitions.ended_at >= began_at;

-- name: stop_late
-- Stop a definition that has not begun within `max_minutes` of its run.
UPDATE definitions SET state = 'stopped', budget = 'max_minutes', ended_at = now(), map_index = :map_index,
    error = concat('not begun within the ', (budgets ->> 'max_minutes')::double precision, ' minutes of max_minutes')
FROM runs
WHERE runs.run_id = :'run_id' AND definitions.run_id = :'run_id' AND label = :'label' AND state = 'planned'
    AND is_late(began_at, budgets);

-- name: fail_for_memory
-- Mark a definition as failed whose process is about to end because it needs more than `max_memory_mb`.
UPDATE definitions SET state = 'failed', budget = 'max_memory_mb', ended_at = now(), error = :'error'
WHERE run_id = :'run_id' AND label = :'label' AND state IN ('planned', 'training');
