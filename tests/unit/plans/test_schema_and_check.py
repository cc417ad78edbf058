"""What the check says of a plan's shape and what its JSON Schema says is the same, whatever the value."""

import json
import random
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from factories import make_plan
from fuzzing import patiently, tries
from pipeline.plans import PlanError, check_plan, check_shape, parse_plan
from pipeline.plans.errors import Finding
from pipeline.plans.limits import MOST_BLOCKS, MOST_RULES, MOST_VALUES
from pipeline.plans.schema import plan_schema
from unit.plans.mutations import damage
from unit.plans.strategies import plans

SCHEMA = jsonschema.Draft202012Validator(plan_schema())
PLANS = [
    json.dumps(case["plan"]) for case in json.loads((Path(__file__).parent / "golden_labels.json").read_text("utf-8"))
]
PLANS.append(
    json.dumps(
        make_plan(
            adapter=[{"name": "Doc2VecAdapter", "options": {"dm": [0, 1]}}, {"name": "TfidfAdapter"}],
            model__options={"max_iter": [-1, 100], "class_weight": [None, "balanced"], "shrinking": True},
            dataset__options__classes=["a", "b"],
        )
        | {"exclude": [{"adapter.options.dm": 1, "model.options.max_iter": [-1]}], "sample": 3, "$schema": "x"}
    )
)

BEYOND = {
    "a rule across options is no rule of one": r"or drop such permutations with \"exclude\"",
    "which models take an adapter's numbers, the classes know": r"cannot take negative features",
    "how many are left is counted": r"excludes all|definitions?; at most|combinations of blocks|over too many options",
    "a pattern knows no calendar": r"does not exist in the calendar",
    "an order inside of a list": r"the shortest length \(|different classes must be named",
    "two parts of a union that do the same need not look so": r"do the same; each part",
    "which letters a collection has differs between engines": r"is not a valid collection name",
    "no pattern knows which characters are seen": r"visible characters",
}
"""Of what a JSON Schema cannot say, the reason and how the check says it."""


def is_beyond(finding: Finding, plan: Any) -> bool:
    """Return whether a finding is none about shape."""
    if any(re.search(pattern, str(finding)) for pattern in BEYOND.values()):
        return True
    # which options a rule can be about depends on the classes that it names
    rule = re.match(r'exclude\[(\d+)\]\["(\w+)\.options\.', finding.path)
    return rule is not None and f"{rule[2]}.name" in plan["exclude"][int(rule[1])]


def is_readable(plan: Any) -> bool:
    """Return whether a value has a text that is read: JSON, not too deep, and of whole characters."""
    try:
        parse_plan(json.dumps(plan, ensure_ascii=False).encode().decode())
    except (PlanError, RecursionError, ValueError):
        return False
    return True


def check_both(plan: Any) -> None:
    findings = check_plan(plan)
    shape = [finding for finding in findings if not is_beyond(finding, plan)]
    wrong = next(iter(SCHEMA.iter_errors(plan)), None)

    told = (findings[:3], wrong and (wrong.json_path, wrong.message[:300]))
    if shape or not findings:  # what only the check can say may hide what both could
        assert bool(shape) == (wrong is not None), told
    assert check_shape(plan) == findings[: len(check_shape(plan))]
    assert set(shape) <= set(check_shape(plan)), told


@patiently
@tries(500)
@given(seed=st.integers(0, 2**32))
def test_both_refuse_the_same_near_a_plan(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    plan = damage(draw.choice(PLANS), draw)
    assume(is_readable(plan))

    check_both(plan)


@patiently
@tries(100)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_both_refuse_the_same_near_a_plan_of_any_classes(plan: dict[str, Any], seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    changed = damage(json.dumps(plan), draw)
    assume(is_readable(changed))

    check_both(changed)


def with_option(adapter: str, **options: Any) -> dict[str, Any]:
    """Return a plan with one adapter."""
    return make_plan(adapter={"name": adapter, "options": options})


@pytest.mark.parametrize(
    ("plan", "path"),
    [
        (with_option("Doc2VecAdapter", dm=[True, 1]), "adapter.options.dm[0]"),
        (with_option("Doc2VecAdapter", dm=False), "adapter.options.dm"),
        (with_option("Word2VecAdapter", sequence_length=5, sg=[0, False]), "adapter.options.sg[1]"),
        (with_option("TfidfAdapter", sublinear_tf=[1]), "adapter.options.sublinear_tf[0]"),
        (with_option("TfidfAdapter", ngram_range=[True, 2]), "adapter.options.ngram_range"),
        (make_plan(model__options__max_iter=[True]), "model.options.max_iter[0]"),
        (
            with_option("UnionAdapter", adapters=["TfidfAdapter", {"name": "Doc2VecAdapter", "options": {"dm": True}}]),
            "adapter.options.adapters",
        ),
        (make_plan() | {"exclude": [{"adapter.options.dm": True}]}, 'exclude[0]["adapter.options.dm"]'),
        (make_plan() | {"exclude": [{"adapter.options.dm": [0, True]}]}, 'exclude[0]["adapter.options.dm"]'),
        (make_plan() | {"collapse_inert": 1}, "collapse_inert"),
        (make_plan() | {"seed": True}, "seed"),
        (make_plan() | {"sample": 10**400}, "sample"),
        (make_plan() | {"$schema": 3}, "$schema"),
        (make_plan() | {"$schema": "x" * 3_000}, "$schema"),
        (make_plan(dataset__options__start_datetime_str="2016-1-1T9"), "dataset.options.start_datetime_str"),
        (make_plan(dataset__options__start_datetime_str="\u0662016-1-1"), "dataset.options.start_datetime_str"),
        (make_plan(dataset__options__start_datetime_str="2016-1-1" + " " * 99), "dataset.options.start_datetime_str"),
        (make_plan(model__options__C=[1] * (MOST_VALUES + 1)), "model.options.C"),
        (make_plan(model=[{"name": "scikit_model_svm"}] * (MOST_BLOCKS + 1)), "model"),
        (make_plan() | {"exclude": [{"model.options.C": 1}] * (MOST_RULES + 1)}, "exclude"),
        (
            make_plan() | {"exclude": [{"model.options.C": [1] * (MOST_VALUES + 1)}]},
            'exclude[0]["model.options.C"]',
        ),
        (
            make_plan() | {"exclude": [{"model.name": ["scikit_model_svm"] * (MOST_VALUES + 1)}]},
            'exclude[0]["model.name"]',
        ),
    ],
)
def test_both_refuse(plan: dict[str, Any], path: str) -> None:
    assert [finding.path for finding in check_plan(plan)] == [path]
    assert not SCHEMA.is_valid(plan)


@pytest.mark.parametrize(
    "plan",
    [
        with_option("Doc2VecAdapter", dm=[1.0, 0]),
        make_plan() | {"exclude": [{"model.options.max_iter": [5, -1], "model.options.degree": 3}]},
        make_plan() | {"exclude": [{"model.options.max_features": ["sqrt", 0.5, None]}]},
        make_plan() | {"exclude": [{"model.options.class_weight": ["balanced_subsample", "balanced"]}]},
        make_plan(dataset__options__start_datetime_str=" 2016-1-1 9:30:05.5 +0200\n"),
        make_plan(model__options__C=[each + 1 for each in range(MOST_VALUES)]) | {"sample": 3},
    ],
)
def test_both_take(plan: dict[str, Any]) -> None:
    assert check_plan(plan) == []
    SCHEMA.validate(plan)
