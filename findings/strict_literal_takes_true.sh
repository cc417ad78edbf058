#!/usr/bin/env bash
# Most people would guess: a strict pydantic type `Literal[0, 1]` refuses `true`, as its own JSON Schema does.
#
# pydantic 2.14.3 takes it, from Python and from JSON alike, and gives the integer 1: Python's True equals 1. The JSON
# Schema that it makes of the type, {"enum": [0, 1], "type": "integer"}, refuses the same document in jsonschema 4.26.0,
# so whoever checks by the one and by the other has two answers. 1.0 is taken by both, "1" by neither.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check pydantic==2.14.3 jsonschema==4.26.0
"$folder/venv/bin/python" - <<'PYTHON'
import json
from typing import Literal

import jsonschema
from pydantic import ConfigDict, TypeAdapter, ValidationError

kind = TypeAdapter(Literal[0, 1], config=ConfigDict(strict=True))
schema = kind.json_schema()


def by_pydantic(text):
    try:
        return repr(kind.validate_json(text))
    except ValidationError:
        return "refused"


def by_schema(text):
    try:
        jsonschema.validate(json.loads(text), schema)
    except jsonschema.ValidationError:
        return "refused"
    return "taken"


print("schema:", schema)
found = {text: (by_pydantic(text), by_schema(text)) for text in ("true", "1", "1.0", '"1"')}
for text, answers in found.items():
    print(f"{text:5}  pydantic: {answers[0]:8}  JSON Schema: {answers[1]}")
assert found["true"] == ("1", "refused"), "this has changed"
assert found["1.0"] == ("1", "taken"), "this has changed"
assert found['"1"'] == ("refused", "refused"), "this has changed"
PYTHON
