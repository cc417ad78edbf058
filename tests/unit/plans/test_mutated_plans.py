"""A damaged plan is refused with all that is wrong in it, or means something; nothing else ever happens."""

import json
import random
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import patiently, tries
from pipeline.plans import PlanError, check_plan, expand
from pipeline.plans.schema import plan_schema
from unit.plans.mutations import damage

SCHEMA = jsonschema.Draft202012Validator(plan_schema())
PLANS = [
    json.dumps(case["plan"]) for case in json.loads((Path(__file__).parent / "golden_labels.json").read_text("utf-8"))
]
LONGEST = 2_000  # letters of a sentence that a person reads


@patiently
@tries(1_000)
@given(seed=st.integers(0, 2**32))
def test_a_mutated_plan_is_refused_with_findings_or_means_something(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311
    plan = damage(draw.choice(PLANS), draw)
    findings = check_plan(plan)
    if not findings:
        assert expand(plan).definitions
        SCHEMA.validate(plan)
        return

    with pytest.raises(PlanError) as caught:
        expand(plan)

    assert caught.value.findings == findings
    assert all(finding.path for finding in findings)
    assert max(len(str(finding)) for finding in findings) < LONGEST
    assert str(caught.value).encode()
    assert "\0" not in str(caught.value)
