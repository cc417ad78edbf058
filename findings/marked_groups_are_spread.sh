#!/usr/bin/env bash
# Most people would guess: `pytest -n 2 --dist loadgroup` runs all tests that are marked `xdist_group("one")` on one worker, as
# the documentation of pytest-xdist says.
#
# With pytest-xdist 3.8.0 and pytest 9.2.0 both workers take some of them, without a word. The worker appends `@one` to
# the attribute `_nodeid` of each test, by which the tests are dealt out; pytest 9.2 makes the name of a test out of
# another attribute, so that nobody reads it. With pytest 9.0.0 they are together.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/tests"
cat >"$folder/tests/test_group.py" <<'PYTHON'
import os
import time

import pytest

pytestmark = pytest.mark.xdist_group("one")


@pytest.mark.parametrize("number", range(8))
def test_of_a_group(number):
    time.sleep(0.2)
    with open("workers", "a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\n")
PYTHON
for version in 9.0.0 9.2.0; do
  python3 -m venv --clear "$folder/venv"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check pytest==$version pytest-xdist==3.8.0
  rm -f "$folder/tests/workers"
  (cd "$folder/tests" && "$folder/venv/bin/python" -m pytest -q -n 2 --dist loadgroup -p no:cacheprovider >/dev/null)
  found=$(sort -u "$folder/tests/workers" | wc -l)
  echo "pytest $version: one group of 8 tests on $found of 2 workers"
  case $version in
    9.0.0) [ "$found" = 1 ] ;;
    9.2.0) [ "$found" = 2 ] ;;
  esac || { echo "this has changed"; exit 1; }
done
