#!/usr/bin/env bash
# Most people would guess: `airflow db clean` takes what has ended before a moment, and leaves alone what still runs.
#
# With apache-airflow-core 3.3.2 it goes by when a run began: a run that is still `running` is deleted if it began before
# that moment. Whoever cleans has to choose a moment before the oldest run that is open.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check apache-airflow-core==3.3.2
export AIRFLOW_HOME="$folder" AIRFLOW__CORE__LOAD_EXAMPLES=False PATH="$folder/venv/bin:$PATH"
export AIRFLOW__DATABASE__SQL_ALCHEMY_CONN="sqlite:///$folder/airflow.db"
airflow db migrate >"$folder/log" 2>&1
cat >"$folder/runs.py" <<'PYTHON'
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

database = sqlite3.connect(sys.argv[1])
if sys.argv[2:] == ["add"]:
    began = datetime.now(UTC).replace(tzinfo=None) - timedelta(days=40)
    given = {
        "dag_id": "long", "run_id": "by_hand", "state": "running", "run_type": "manual", "start_date": began,
        "run_after": began, "created_at": began, "updated_at": began, "clear_number": 0, "span_status": "not_started",
    }
    names, marks = ", ".join(given), ", ".join("?" * len(given))
    database.execute(f"INSERT INTO dag_run ({names}) VALUES ({marks})", [str(each) for each in given.values()])
    database.commit()
print(database.execute("SELECT count(*) FROM dag_run WHERE state = 'running'").fetchone()[0])
PYTHON
before=$(python "$folder/runs.py" "$folder/airflow.db" add)
airflow db clean --clean-before-timestamp "$(date -u -d '30 days ago' +%Y-%m-%dT%H:%M:%S+00:00)" --tables dag_run \
  --skip-archive --yes >"$folder/log" 2>&1
after=$(python "$folder/runs.py" "$folder/airflow.db")
echo "apache-airflow-core 3.3.2: $before running run that began 40 days ago, $after after cleaning what is older than 30 days"
[ "$before" = 1 ] && [ "$after" = 0 ] || { echo "this has changed"; exit 1; }
