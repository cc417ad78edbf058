"""Every plan in the guide to plans does what stands under it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from commands import run_pipeline

GUIDE = Path(__file__).parents[3] / "docs/training-plans.md"
EXAMPLE = re.compile(r"^```json\n(?P<plan>.*?)^```\n```text\n(?P<told>.*?)^```$", re.MULTILINE | re.DOTALL)


def read_examples() -> list[tuple[dict[str, Any], list[str]]]:
    """Return each plan, completed from the first one, with the lines under it."""
    found = EXAMPLE.findall(GUIDE.read_text(encoding="utf-8"))
    first = json.loads(found[0][0])
    return [(first | json.loads(plan), told.splitlines()) for plan, told in found]


EXAMPLES = read_examples()


def test_no_plan_stands_there_without_what_it_does() -> None:
    assert len(EXAMPLES) == GUIDE.read_text(encoding="utf-8").count("```json")


@pytest.mark.parametrize(("plan", "told"), EXAMPLES, ids=[told[0] for _, told in EXAMPLES])
def test_an_example_does_what_the_guide_says(plan: dict[str, Any], told: list[str], tmp_path: Path) -> None:
    environ = {"PIPELINE_HOME": str(tmp_path / "none")}

    done = run_pipeline(environ, "plan", "preview", "-", stdin=json.dumps(plan))

    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == told[0]
    assert [line for line in lines if line in told] == told
