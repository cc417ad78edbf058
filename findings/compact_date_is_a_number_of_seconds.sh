#!/usr/bin/env bash
# Most people would guess: libraries that read ISO 8601 agree on `20240102`, and refuse an offset of 75 minutes.
#
# pydantic 2.14.3 takes the text "20240102" for seconds from 1970 and gives 1970-08-23, without a word; pendulum 3.3.0 and
# dateutil 2.9.0.post0 give the second of January 2024. The offset +02:75 is refused by pydantic and by dateutil's
# isoparse; pendulum takes it for +03:15.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3 pendulum==3.3.0 python-dateutil==2.9.0.post0
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime

import pendulum
from dateutil.parser import isoparse
from pydantic import TypeAdapter

READERS = {
    "pydantic": TypeAdapter(datetime).validate_python,
    "pendulum": pendulum.parse,
    "dateutil": isoparse,
}


def read(reader, text):
    try:
        return reader(text).isoformat()
    except ValueError:
        return "refused"


found = {}
for text in ("20240102", "2024-01-02T09:30+02:75"):
    for name, reader in READERS.items():
        found[text, name] = read(reader, text)
        print(f"{text:24} {name}: {found[text, name]}")

assert found["20240102", "pydantic"].startswith("1970-08-23"), "this has changed"
assert found["20240102", "pendulum"].startswith("2024-01-02"), "this has changed"
assert found["20240102", "dateutil"].startswith("2024-01-02"), "this has changed"
assert found["2024-01-02T09:30+02:75", "pydantic"] == "refused", "this has changed"
assert found["2024-01-02T09:30+02:75", "pendulum"] == "2024-01-02T09:30:00+03:15", "this has changed"
assert found["2024-01-02T09:30+02:75", "dateutil"] == "refused", "this has changed"
PYTHON
