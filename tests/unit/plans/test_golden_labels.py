"""Labels, and their order, stay what they were: in every process, on every machine and version of Python.

Whoever changes what a label is made of renews them with `PYTHONPATH=tests python -m unit.plans.test_golden_labels`,
and says in the changelog that stored models keep labels that no plan gives any more.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.plans import expand

PATH = Path(__file__).with_name("golden_labels.json")
CASES: list[dict[str, Any]] = json.loads(PATH.read_text(encoding="utf-8"))


def list_labels(plan: dict[str, Any]) -> list[str]:
    return [definition.label for definition in expand(plan).definitions]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_plan_has_the_labels_it_had(case: dict[str, Any]) -> None:
    assert list_labels(case["plan"]) == case["labels"]


def test_there_are_labels_of_definitions_that_differ() -> None:
    labels = [label for case in CASES for label in case["labels"]]

    assert len(CASES) >= 10
    assert len(set(labels)) > 150
    assert all(case["labels"] for case in CASES)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_labels_depend_neither_on_the_process_nor_on_its_hash_seed(hash_seed: str) -> None:
    code = (
        "import json, sys; from pipeline.plans import expand;"
        "print(json.dumps([[d.label for d in expand(plan).definitions] for plan in json.load(sys.stdin)]))"
    )

    printed = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps([case["plan"] for case in CASES]),
        capture_output=True,
        check=True,
        text=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
    ).stdout

    assert json.loads(printed) == [case["labels"] for case in CASES]


def renew() -> None:
    """Write the labels that the plans have now."""
    cases = [case | {"labels": list_labels(case["plan"])} for case in CASES]
    lines = ",\n".join(f"  {json.dumps(case, ensure_ascii=False)}" for case in cases)
    PATH.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    renew()
