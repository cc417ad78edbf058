-- Models of one recipe through time. How to paste a query into psql: see `pipeline/stores/queries.py`.

-- name: select_recipe
-- Get the models of the same classes whose recipe is a part of a given one, by when they were tested, oldest first.
-- Retired ones are left out.
-- A definition that was written before an option was added has only a part; which default it had, the caller knows.
SELECT models.definition, listed.label, listed.version, listed.run_id, listed.accuracy, listed.macro_f1,
    accuracy_interval, gain, marks, listed.testing_set, aliases, listed.created_at,
    lineage #> '{examples,training}' AS training, lineage #> '{examples,testing}' AS testing
FROM models JOIN listed_models AS listed USING (model_id)
WHERE models.definition #>> '{adapter,name}' = :'recipe'::jsonb #>> '{adapter,name}'
    AND models.definition #>> '{model,name}' = :'recipe'::jsonb #>> '{model,name}'
    AND models.definition #>> '{dataset,name}' = :'recipe'::jsonb #>> '{dataset,name}'
    AND models.definition -> 'adapter' <@ (:'recipe'::jsonb -> 'adapter')  -- these two cost less than the last
    AND models.definition -> 'model' <@ (:'recipe'::jsonb -> 'model')
    AND recipe_of(models.definition) <@ :'recipe'::jsonb AND models.retired_at IS NULL
ORDER BY lineage #>> '{examples,testing,last}', lineage #>> '{examples,training,first}', listed.created_at, model_id;
