"""Values in task logs read plainly."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from airflow.sdk._shared.logging import configure_logging

from pipeline_airflow.plain_log import write_values_plainly


@pytest.fixture
def written() -> Iterator[io.BytesIO]:
    """What loggers write that are set up as Airflow sets them up in a task."""
    before = structlog.get_config()
    output = io.BytesIO()
    configure_logging(json_output=True, log_level="INFO", output=output)
    yield output
    structlog.configure(**before)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (False, "false"),
        (None, "null"),
        ("", '""'),
        ("  ", '"  "'),
        ("true", '"true"'),
        ("1", '"1"'),
        ("word", "word"),
        ("two words", "two words"),
        ([1, 2], "[1, 2]"),
        ([], "[]"),
        ((True, None), "[true, null]"),
        ({"a": ["ä"]}, '{"a": ["ä"]}'),
        (0, 0),
        (0.5, 0.5),
    ],
)
def test_every_value_is_one_that_the_page_shows(written: io.BytesIO, value: Any, shown: Any) -> None:
    logger = structlog.get_logger("pipeline.somewhere")
    logger.info("used before")
    write_values_plainly()
    write_values_plainly()
    logger.info("adapter", option=value)

    line = json.loads(written.getvalue().splitlines()[-1])
    assert (line["event"], line["option"]) == ("adapter", shown)
    assert type(line["option"]) is type(shown)


def test_others_lines_and_errors_stay_as_they_are(written: io.BytesIO) -> None:
    write_values_plainly()
    structlog.get_logger("airflow.somewhere").info("theirs", option=True)
    try:
        int("all of it")
    except ValueError:
        structlog.get_logger("pipeline.somewhere").exception("failed")

    theirs, ours = (json.loads(line) for line in written.getvalue().splitlines()[-2:])
    assert theirs["option"] is True
    assert "all of it" in json.dumps(ours)
