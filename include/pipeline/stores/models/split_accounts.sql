-- How datasets split their examples, counted by a worker before anything is trained. How to paste a query into psql: see
-- `pipeline/stores/queries.py`.

-- name: select_split_accounts
-- Get the accounts of some datasets and digests of their examples.
SELECT wanted.position, account, failure
FROM unnest(:'datasets'::text[], :'digests'::text[]) WITH ORDINALITY AS wanted (dataset, digest, position)
JOIN split_accounts
    ON dataset_sha256 = sha256(convert_to(wanted.dataset, 'UTF8')) AND examples_digest = wanted.digest;

-- name: select_lineage_accounts
-- Get what the newest model that was trained on a dataset and these examples says about them.
SELECT wanted.position, newest.lineage -> 'examples'
FROM unnest(:'blocks'::jsonb[], :'digests'::text[]) WITH ORDINALITY AS wanted (block, digest, position)
CROSS JOIN LATERAL (
    SELECT lineage FROM models
    WHERE lineage #>> '{examples,digest}' = wanted.digest AND definition -> 'dataset' = wanted.block
    ORDER BY model_id DESC LIMIT 1
) AS newest;

-- name: upsert_split_account
-- Write how a dataset splits its examples, or why that could not be counted.
INSERT INTO split_accounts (dataset_sha256, examples_digest, dataset, account, failure)
VALUES (sha256(convert_to(:'split_text', 'UTF8')), :'digest', :'dataset', :account, :failure)
ON CONFLICT (dataset_sha256, examples_digest) DO UPDATE SET account = EXCLUDED.account, failure = EXCLUDED.failure,
    counted_at = now();

-- name: delete_old_split_accounts
-- Keep only the newest accounts.
DELETE FROM split_accounts WHERE (dataset_sha256, examples_digest) IN (
    SELECT dataset_sha256, examples_digest FROM split_accounts ORDER BY counted_at DESC OFFSET :'kept'
);
