-- What runs are called. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: describe_run
-- Change the name, note or tags of a run: those that are named in `changed`.
UPDATE runs SET name = CASE WHEN 'name' = ANY (:'changed') THEN :name ELSE name END,
    note = CASE WHEN 'note' = ANY (:'changed') THEN :note ELSE note END,
    tags = CASE WHEN 'tags' = ANY (:'changed') THEN :'tags' ELSE tags END
WHERE run_id = :'run_id'
RETURNING name, note, tags;

-- name: select_tags
-- List all tags with the number of their runs.
SELECT tag, count(*) FROM runs CROSS JOIN unnest(tags) AS tag GROUP BY tag ORDER BY tag;

-- name: select_tagged
-- List the runs that have one of some tags.
SELECT run_id FROM runs WHERE tags && :'tags';
