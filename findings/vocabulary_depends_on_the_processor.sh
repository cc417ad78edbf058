#!/usr/bin/env bash
# Most people would guess: `CountVectorizer(max_features=N)` (and `TfidfVectorizer`) learns the same vocabulary from the same texts
# on every machine, since it counts and draws nothing at random.
#
# With scikit-learn 1.9.1 and numpy 2.4.6 the vocabulary depends on the processor. Terms are ranked by `(-counts).argsort()`, whose
# order of equal counts is not defined: numpy sorts with AVX-512, AVX2 or plain code, whichever the processor has, and each of them
# leaves equal counts in another order. Of the rare terms, which mostly have equal counts, each keeps others. So a model that was
# trained on one machine has other features than one trained on another, with the same seed and the same versions. numpy's own
# variable switches the extensions off, which shows it on one machine.
set -euo pipefail
grep -qw avx2 /proc/cpuinfo || { echo "this processor has no AVX2: there is nothing to compare"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check scikit-learn==1.9.1 numpy==2.4.6
cat >"$folder/learn.py" <<'PYTHON'
from sklearn.feature_extraction.text import CountVectorizer

once = [f"word{number:03}" for number in range(300)]
twice = once[::7]
learnt = CountVectorizer(max_features=60).fit([" ".join(once + twice)]).get_feature_names_out()
print(len(learnt), "terms, of those that occur once:", *[term for term in learnt if term not in twice])
PYTHON
export PYTHONWARNINGS=ignore
with=$("$folder/venv/bin/python" "$folder/learn.py")
without=$(NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL AVX512_SPR" "$folder/venv/bin/python" "$folder/learn.py")
echo "this processor:       $with"
echo "without AVX2/AVX-512: $without"
[ "$with" != "$without" ] || { echo "this has changed"; exit 1; }
