#!/usr/bin/env bash
# Most people would guess: a fitted forest answers the same rows with the same probabilities in every call. `random_state` was given,
# nothing is drawn after `fit`, and `n_jobs` says only how fast the answer comes.
#
# With scikit-learn 1.9.1 the probabilities of one fitted forest differ from call to call in their last digits if `n_jobs` is above 1:
# each thread adds the answer of its tree to the sum as soon as it has it, and the sum of floating point numbers depends on their
# order. So a digest of a model's answers, or an assertion that two calls are equal, fails. With `n_jobs=1`, which may be set after
# the fit, the answers are the same in every call.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6
cat >"$folder/answer.py" <<'PYTHON'
import sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier

draw = np.random.default_rng(1)
rows, classes = draw.normal(size=(2000, 8)), draw.integers(0, 2, 2000)
forest = RandomForestClassifier(n_estimators=60, min_samples_leaf=3, random_state=0, n_jobs=1).fit(rows, classes)
for jobs in (1, 4):
    forest.n_jobs = jobs
    answers = [forest.predict_proba(rows) for _ in range(60)]
    distinct = len({each.tobytes() for each in answers})
    furthest = max(np.abs(each - answers[0]).max() for each in answers)
    print(f"n_jobs={jobs}: {distinct} different answers in 60 calls, at most {furthest:.1e} apart")
    if (distinct == 1) != (jobs == 1):
        sys.exit("this has changed")
PYTHON
"$folder/venv/bin/python" "$folder/answer.py"
