-- What pictures show of the trainings of a run, besides what the ledger lists. No document is read. How to paste a query
-- into psql: see `pipeline/stores/queries.py`.

-- name: select_trainings
-- List a run's definitions with where each was trained, what it shared with others, and the scores of its folds.
-- `model_id` is also that of a reused model; what was shared is of this run's own trainings.
SELECT listed.label, listed.model_id, own.host, own.started_at, own.ended_at,
    CASE WHEN models.run_id = listed.run_id THEN coalesce(lineage -> 'shared', '[]') ELSE '[]' END AS shared,
    scores #> '{validation,folds}' AS folds,
    (lineage #>> '{examples,training,count}')::integer AS training_examples
FROM definition_models AS listed
JOIN definitions AS own ON own.run_id = listed.run_id AND own.label = listed.label
LEFT JOIN models USING (model_id)
WHERE listed.run_id = :'run_id'
ORDER BY listed.position;
