"""Every permutation of a run ends in exactly one state, and the database refuses a ledger that does not add up."""

from alembic import op

revision = "0002"
down_revision = "0001"

RUNS = """
ALTER TABLE runs
    ALTER COLUMN plan DROP NOT NULL,
    ALTER COLUMN permutations TYPE numeric,  -- a sample may be drawn from more than any integer type holds
    DROP CONSTRAINT runs_permutations_check,
    ADD COLUMN repeated numeric NOT NULL DEFAULT 0 CHECK (repeated >= 0),
    ADD COLUMN seed bigint NOT NULL DEFAULT 0,
    ADD COLUMN refusal text,
    ADD CONSTRAINT runs_permutations_check CHECK ((permutations > 0) = (refusal IS NULL)),
    ADD CONSTRAINT runs_plan_check CHECK ((plan IS NOT NULL) = (refusal IS NULL))
"""

# Before this migration, a run could be closed while a cleared training was still running.
ENDED = """
UPDATE definitions SET state = 'failed', ended_at = now(), error = coalesce(error, 'it had not ended with its run')
FROM runs WHERE runs.run_id = definitions.run_id AND closed_at IS NOT NULL AND state IN ('planned', 'training')
"""

# Before this migration, equal definitions were written once and not counted.
REPEATED = """
UPDATE runs SET repeated = permutations - (SELECT count(*) FROM definitions WHERE definitions.run_id = runs.run_id)
"""

EXCLUSIONS = """
CREATE TABLE exclusions (
    run_id        text NOT NULL REFERENCES runs ON DELETE CASCADE,
    position      integer NOT NULL,
    rule          jsonb NOT NULL,
    permutations  numeric NOT NULL CHECK (permutations >= 0),
    PRIMARY KEY (run_id, position)
)
"""

DEFINITIONS = """
ALTER TABLE definitions
    DROP CONSTRAINT definitions_state_check,
    ADD CONSTRAINT definitions_state_check CHECK (
        state IN ('planned', 'training', 'trained', 'reused', 'duplicate', 'failed', 'cancelled')
    ),
    ADD COLUMN duplicate_of text,
    ADD COLUMN reused_model_id bigint REFERENCES models,
    ADD CONSTRAINT definitions_duplicate_check CHECK ((state = 'duplicate') = (duplicate_of IS NOT NULL)),
    ADD CONSTRAINT definitions_reused_check CHECK ((state = 'reused') = (reused_model_id IS NOT NULL)),
    ADD FOREIGN KEY (run_id, duplicate_of) REFERENCES definitions (run_id, label)
"""

ACCOUNTS = """
CREATE VIEW accounts AS
SELECT run_id, runs.permutations, counted.definitions, counted.planned, counted.training, counted.trained,
    counted.reused, counted.duplicate + runs.repeated AS duplicate, dropped.excluded, counted.failed,
    counted.cancelled
FROM runs
CROSS JOIN LATERAL (
    SELECT count(*) AS definitions,
        count(*) FILTER (WHERE state = 'planned') AS planned,
        count(*) FILTER (WHERE state = 'training') AS training,
        count(*) FILTER (WHERE state = 'trained') AS trained,
        count(*) FILTER (WHERE state = 'reused') AS reused,
        count(*) FILTER (WHERE state = 'duplicate') AS duplicate,
        count(*) FILTER (WHERE state = 'failed') AS failed,
        count(*) FILTER (WHERE state = 'cancelled') AS cancelled
    FROM definitions WHERE definitions.run_id = runs.run_id
) AS counted
CROSS JOIN LATERAL (
    SELECT coalesce(sum(exclusions.permutations), 0) AS excluded
    FROM exclusions WHERE exclusions.run_id = runs.run_id
) AS dropped
"""

CHECK_ACCOUNT = """
CREATE FUNCTION check_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account accounts%ROWTYPE;
BEGIN
    SELECT * INTO account FROM accounts WHERE run_id = NEW.run_id;
    IF account.permutations <> account.planned + account.training + account.trained + account.reused
        + account.duplicate + account.excluded + account.failed + account.cancelled
    THEN
        RAISE EXCEPTION 'the ledger of run % does not add up to its % permutations', NEW.run_id, account.permutations
            USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.closed_at IS NOT NULL AND account.planned + account.training > 0 THEN
        RAISE EXCEPTION 'run % is closed with % definitions that have not ended', NEW.run_id,
            account.planned + account.training USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$
"""

# At the end of the transaction: a run and its definitions are written together.
RUNS_ACCOUNT = """
CREATE CONSTRAINT TRIGGER runs_account AFTER INSERT OR UPDATE ON runs
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_account()
"""

# A change of a run's sums counts as a change of the run: one check per statement, for any number of rows.
TOUCH_RUNS = """
CREATE FUNCTION touch_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE runs SET closed_at = closed_at WHERE run_id IN (SELECT run_id FROM changed);
    RETURN NULL;
END
$$
"""

TOUCHED = """
CREATE TRIGGER {table}_{event}ed AFTER {event} ON {table} REFERENCING {rows} TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION touch_runs()
"""

CHECK_STATE = """
CREATE FUNCTION check_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'trained' THEN
        IF NOT EXISTS (SELECT FROM models WHERE run_id = NEW.run_id AND label = NEW.label) THEN
            RAISE EXCEPTION '% of run % is trained without a model', NEW.label, NEW.run_id
                USING ERRCODE = 'check_violation';
        END IF;
    ELSIF EXISTS (SELECT FROM runs WHERE run_id = NEW.run_id AND closed_at IS NOT NULL) THEN
        RAISE EXCEPTION 'run % is closed, and % would be %', NEW.run_id, NEW.label, NEW.state
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$
"""

DEFINITIONS_STATE = """
CREATE CONSTRAINT TRIGGER definitions_state AFTER INSERT OR UPDATE OF state ON definitions
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.state IN ('planned', 'training', 'trained'))
EXECUTE FUNCTION check_state()
"""


def upgrade() -> None:
    """Change the tables, then let the database watch over them."""
    for statement in (RUNS, EXCLUSIONS, DEFINITIONS, ACCOUNTS, REPEATED, ENDED):
        op.execute(statement)
    for statement in (CHECK_ACCOUNT, RUNS_ACCOUNT, TOUCH_RUNS, CHECK_STATE, DEFINITIONS_STATE):
        op.execute(statement)
    for table, events in {"definitions": "INSERT DELETE", "exclusions": "INSERT UPDATE DELETE"}.items():
        for event in events.split():
            rows = "OLD" if event == "DELETE" else "NEW"
            op.execute(TOUCHED.format(table=table, event=event.lower(), rows=rows))


def downgrade() -> None:
    """Refuse: an older version would not understand reused, duplicate and cancelled definitions."""
    raise NotImplementedError("this migration of the models database is not undone")
