-- Who may do what in the models database; the role `owner` may do everything. How to paste a query into psql: see
-- `pipeline/stores/queries.py`. Each query is named after its role, and takes back what an earlier version allowed.

-- name: tasks
-- Tasks write runs, definitions, models with their evaluations and notifications, and delete what is old. They move no
-- alias.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO tasks'; END $$;
REVOKE ALL ON runs, exclusions, definitions, trials, models, adapter_documents, testing_sets, notifications, alias_moves,
    accounts, aliases, announcements, definition_models, listed_models, split_accounts, deleted_models, named_models,
    evaluations, models_schema_version FROM tasks;
REVOKE ALL ON SEQUENCE notification_changes, trial_holders FROM tasks;
GRANT SELECT ON runs, exclusions, definitions, trials, models, adapter_documents, testing_sets, notifications, alias_moves,
    accounts, aliases, announcements, definition_models, listed_models, split_accounts, deleted_models, named_models,
    evaluations, models_schema_version TO tasks;
GRANT INSERT, UPDATE, DELETE ON runs, definitions, models, notifications, testing_sets, evaluations TO tasks;
GRANT INSERT, DELETE ON exclusions, deleted_models TO tasks;
GRANT INSERT, UPDATE, DELETE ON adapter_documents, trials, split_accounts TO tasks;
GRANT USAGE ON SEQUENCE notification_changes, trial_holders TO tasks;

-- name: registry
-- The registry reads everything here, writes a row for each move of an alias and for its announcement, names runs, and
-- deletes and retires models.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO registry'; END $$;
REVOKE ALL ON runs, exclusions, definitions, trials, models, adapter_documents, testing_sets, notifications, alias_moves,
    accounts, aliases, announcements, definition_models, listed_models, split_accounts, deleted_models, named_models,
    evaluations, models_schema_version FROM registry;
GRANT SELECT ON runs, exclusions, definitions, trials, models, adapter_documents, testing_sets, notifications, alias_moves,
    accounts, aliases, announcements, definition_models, listed_models, split_accounts, deleted_models, named_models,
    evaluations, models_schema_version TO registry;
REVOKE ALL ON SEQUENCE notification_changes FROM registry;
GRANT INSERT ON alias_moves, deleted_models TO registry;
GRANT UPDATE (retired_at, retired_by, retired_for), DELETE ON models TO registry;
GRANT UPDATE (error) ON definitions TO registry;
GRANT DELETE ON adapter_documents TO registry;
GRANT UPDATE (created_at), DELETE ON testing_sets TO registry;
GRANT UPDATE (name, note, tags) ON runs TO registry;
GRANT INSERT (move_id, change), UPDATE (published_at) ON notifications TO registry;
GRANT USAGE ON SEQUENCE notification_changes TO registry;

-- name: service
-- The service reads models and aliases.
DO $$ BEGIN EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) || ' TO service'; END $$;
REVOKE ALL ON models, adapter_documents, alias_moves, aliases, listed_models, deleted_models, models_schema_version
    FROM service;
GRANT SELECT ON models, adapter_documents, alias_moves, aliases, listed_models, deleted_models, models_schema_version
    TO service;
