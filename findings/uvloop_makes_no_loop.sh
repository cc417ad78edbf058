#!/usr/bin/env bash
# Most people would guess: on Python 3.11, `asyncio.get_event_loop()` in the main thread returns an event loop, before
# `uvloop.install()` and after it: uvloop calls itself a drop-in replacement.
#
# With uvloop 0.21.0 it does. With 0.22.1 and 0.23.0 it raises "There is no current event loop in thread 'MainThread'", which asyncio
# itself does from Python 3.14 on. Programs that allow any newer uvloop and ask for the loop in this way, such as the workers of
# MLServer 1.7.1, stop at their start.
set -euo pipefail
command -v python3.11 >/dev/null || { echo "there is no Python 3.11 here"; exit 0; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3.11 -m venv "$folder/venv"
cat >"$folder/ask.py" <<'PYTHON'
import asyncio

import uvloop


def ask():
    try:
        return type(asyncio.get_event_loop()).__module__
    except RuntimeError as error:
        return f"refused: {error}"


before = ask()
asyncio.set_event_loop_policy(None)  # forgets the loop that was just made
uvloop.install()
print(f"asyncio: {before}; uvloop {uvloop.__version__}: {ask()}")
PYTHON
for version in 0.21.0 0.22.1 0.23.0; do
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check uvloop==$version
  said=$("$folder/venv/bin/python" -W ignore "$folder/ask.py")
  echo "$said"
  case $version in
    0.21.0) [[ "$said" == "asyncio: asyncio."*"uvloop 0.21.0: uvloop"* ]] ;;
    *) [[ "$said" == "asyncio: asyncio."*"refused: There is no current event loop"* ]] ;;
  esac || { echo "this has changed"; exit 1; }
done
