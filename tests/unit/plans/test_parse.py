"""A plan's text is JSON, or an error says where it stops being so."""

from pathlib import Path

import pytest

from pipeline.plans import PlanError, parse_plan, read_plan
from pipeline.plans.limits import LARGEST_PLAN_BYTES


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('{"dataset": {\n  "name": }}', "line 2, column 11"),
        ("", "line 1, column 1: .*the file is empty"),
        ('{"model": [1, 2],', "the text ends too early"),
        ('{"model": [1, 2,]}', "leave out the comma before the bracket"),
        ('{"model": {"name": 1,}}', "leave out the comma before the bracket"),
        ("{'model': 1}", "write texts in double quotes"),
        ('{"model": 1 // first\n}', "JSON has no comments"),
        ('{\n# first\n"model": 1}', "JSON has no comments"),
        ('{"collapse_inert": True}', "write true"),
        (f'{{"seed": {"9" * 5000}}}', "a number with more digits than any option takes"),
        ('{"model": 1, "model": 2}', 'the key "model" is written twice'),
        ('{"model": NaN}', "NaN is not JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_broken_json_is_refused_with_its_place(text: str, part: str) -> None:
    with pytest.raises(PlanError, match=part):
        parse_plan(text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match=r"none\.json: cannot be read \(No such file"):
        read_plan(tmp_path / "none.json")


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes('{"dataset": "é"}'.encode("latin-1"))

    with pytest.raises(PlanError, match=r"not UTF-8 \(byte 13\)"):
        read_plan(path)


def test_a_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{}", encoding="utf-8-sig")

    assert read_plan(path) == {}


def test_a_file_as_large_as_plans_may_be_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{}" + " " * (LARGEST_PLAN_BYTES - 2), encoding="utf-8")
    assert read_plan(path) == {}

    path.write_text("{}" + " " * (LARGEST_PLAN_BYTES - 1), encoding="utf-8")
    with pytest.raises(PlanError, match=f"too large; a plan has at most {LARGEST_PLAN_BYTES:,} bytes"):
        read_plan(path)
