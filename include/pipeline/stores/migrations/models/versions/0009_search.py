"""Searches and budgets: definitions are tried with a part of the whole, and stopped before they are trained."""

from alembic import op

revision = "0009"
down_revision = "0008"

# `began_at` is when the run began last; `budgets` counts from then.
RUNS = """
ALTER TABLE runs ADD COLUMN search jsonb, ADD COLUMN budgets jsonb,
    ADD COLUMN began_at timestamptz NOT NULL DEFAULT now()
"""

IS_LATE = """
CREATE FUNCTION is_late(began_at timestamptz, budgets jsonb) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(now() > began_at + make_interval(secs => 60 * (budgets ->> 'max_minutes')::double precision), false)
"""

# A trial is free if it has no score and its holder's advisory lock is free; the lock belongs to a worker's session.
# `tried_by` is the definition whose task instance has the trial's log.
TRIALS = """
CREATE SEQUENCE trial_holders AS integer CYCLE;
CREATE TABLE trials (
    run_id      text NOT NULL,
    label       text NOT NULL,
    rung        smallint NOT NULL CHECK (rung >= 0),
    tried_by    text NOT NULL,
    holder      integer,
    attempts    smallint NOT NULL DEFAULT 1 CHECK (attempts > 0),
    began_at    timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    examples    integer CHECK (examples > 0),
    score       double precision,
    macro_f1    double precision,
    PRIMARY KEY (run_id, label, rung),
    FOREIGN KEY (run_id, label) REFERENCES definitions ON DELETE CASCADE,
    CONSTRAINT trials_score_check CHECK (num_nulls(examples, score, macro_f1, ended_at) IN (0, 4))
)
"""

DEFINITIONS = """
ALTER TABLE definitions
    ADD COLUMN budget text,
    DROP CONSTRAINT definitions_state_check,
    ADD CONSTRAINT definitions_state_check CHECK (
        state IN ('planned', 'training', 'trained', 'reused', 'duplicate', 'stopped', 'failed', 'cancelled')
    )
"""

ACCOUNTS = """
CREATE OR REPLACE VIEW accounts AS
SELECT run_id, runs.permutations, counted.definitions, counted.planned, counted.training, counted.trained,
    counted.reused, counted.duplicate + runs.repeated AS duplicate, dropped.excluded, counted.failed,
    counted.cancelled, counted.stopped
FROM runs
CROSS JOIN LATERAL (
    SELECT count(*) AS definitions,
        count(*) FILTER (WHERE state = 'planned') AS planned,
        count(*) FILTER (WHERE state = 'training') AS training,
        count(*) FILTER (WHERE state = 'trained') AS trained,
        count(*) FILTER (WHERE state = 'reused') AS reused,
        count(*) FILTER (WHERE state = 'duplicate') AS duplicate,
        count(*) FILTER (WHERE state = 'failed') AS failed,
        count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE state = 'stopped') AS stopped
    FROM definitions WHERE definitions.run_id = runs.run_id
) AS counted
CROSS JOIN LATERAL (
    SELECT coalesce(sum(exclusions.permutations), 0) AS excluded
    FROM exclusions WHERE exclusions.run_id = runs.run_id
) AS dropped
"""

CHECK_ACCOUNT = """
CREATE OR REPLACE FUNCTION check_account() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    account accounts%ROWTYPE;
BEGIN
    SELECT * INTO account FROM accounts WHERE run_id = NEW.run_id;
    IF account.permutations <> account.planned + account.training + account.trained + account.reused
        + account.duplicate + account.excluded + account.failed + account.cancelled + account.stopped
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


def upgrade() -> None:
    """Add the table of trials and the state `stopped`, which the account then counts."""
    for statement in (RUNS, IS_LATE, TRIALS, DEFINITIONS, ACCOUNTS, CHECK_ACCOUNT):
        op.execute(statement)


def downgrade() -> None:
    """Refuse: an older version would not understand stopped definitions."""
    raise NotImplementedError("this migration of the models database is not undone")
