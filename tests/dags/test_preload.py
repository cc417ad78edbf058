"""What the parent of every task imports."""

import os
import subprocess
import sys


def test_a_wrong_variable_is_left_to_the_training_that_needs_it() -> None:
    wrong = {"PIPELINE_PREPARED_LIMIT_MB": "none", "PIPELINE_TRAINING_THREADS": "none", "PIPELINE_ONEDAL": "perhaps"}
    script = "import sys; from pipeline_airflow.preload import preload; preload(); print(*sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | wrong, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert {"json_tricks", "sklearn.metrics", "pipeline.runs.train"} <= {*done.stdout.split()}
