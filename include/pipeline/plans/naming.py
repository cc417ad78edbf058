"""What tells runs apart for people: a name, a note and tags, in a plan and wherever they are changed."""

import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from pipeline.components.options import explain
from pipeline.errors import PipelineError
from pipeline.plans.wording import describe
from pipeline.visible import is_blank, is_harmful

LONGEST_NAME = 100
LONGEST_TAG = 50
LONGEST_NOTE = 2_000
MOST_TAGS = 20


def _read_line(text: str) -> str:
    line = unicodedata.normalize("NFC", text).strip()
    if is_blank(line) or any(map(is_harmful, line)):
        raise ValueError("input should be one line of visible characters")
    return line


def _read_tag(text: str) -> str:
    if "," in text:
        raise ValueError("input should be a tag without a comma")
    return _read_line(text) if text.strip() else ""


def _read_note(text: str) -> str:
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    if is_blank(lines) or any(is_harmful(each) for each in lines if each not in "\n\t"):
        raise ValueError("input should be visible characters in lines")
    return lines


def _drop_repeated(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, tags)))


Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME), AfterValidator(_read_line)]
"""One line, without spaces around it."""

Note = Annotated[str, Field(min_length=1, max_length=LONGEST_NOTE), AfterValidator(_read_note)]
"""Any number of lines."""

Tag = Annotated[
    str,
    Field(max_length=LONGEST_TAG, json_schema_extra={"pattern": "^[^,]*$"}),
    AfterValidator(_read_tag),
]
"""One line without a comma, which separates tags where people write several into one field; an empty one is none, as
after the last line of a form's field."""

Tags = Annotated[list[Tag], Field(max_length=MOST_TAGS), AfterValidator(_drop_repeated)]
"""Different ones, in the order written."""

CALLED: Mapping[str, TypeAdapter[Any]] = {
    "name": TypeAdapter(Name | None),
    "note": TypeAdapter(Note | None),
    "tags": TypeAdapter(Tags),
}
"""What a run is called, as plans and the ledger name it, with the type of each."""


def read_called(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return a new `name`, `note` or `tags` of a run as they are stored.

    Raises:
        PipelineError: one of them is not allowed.
    """
    found = {}
    for key, value in changes.items():
        try:
            found[key] = CALLED[key].validate_python(value, strict=True)
        except ValidationError as error:
            raise PipelineError(key, f"got {describe(value)}", explain(error.errors(include_url=False))) from None
    return found
