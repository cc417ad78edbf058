#!/usr/bin/env bash
# Most people would guess: the warning "A single label was found … use the 'labels' parameter to pass all known labels" ends once
# `labels` is given.
#
# With scikit-learn 1.9.1, `confusion_matrix(…, labels=["a"])` gives the same warning: it looks at the shape of the result and not
# at whether `labels` was given. Where warnings are errors, a testing set of one class cannot be scored that way at all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1
cat >"$folder/score.py" <<'PYTHON'
import warnings

from sklearn.metrics import confusion_matrix

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    matrix = confusion_matrix(["a", "a"], ["a", "a"], labels=["a"])
print(matrix.tolist(), *[str(each.message) for each in caught])
PYTHON
said=$("$folder/venv/bin/python" "$folder/score.py")
echo "$said"
[[ "$said" == "[[2]] "*"use the 'labels' parameter"* ]] || { echo "this has changed"; exit 1; }
