"""A damaged plan is refused with all that is wrong in it, or means something; nothing else ever happens.

`make fuzz` tries 100,000; `DAMAGED_PLANS` says how many otherwise.
"""

import json
import os
import random
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.plans import PlanError, check_plan, expand
from pipeline.plans.schema import plan_schema
from unit.plans.mutations import damage

SCHEMA = jsonschema.Draft202012Validator(plan_schema())
PLANS = [
    json.dumps(case["plan"]) for case in json.loads((Path(__file__).parent / "golden_labels.json").read_text("utf-8"))
]
ROUNDS = int(os.environ.get("DAMAGED_PLANS", "2500"))
LONGEST = 2_000  # letters of a sentence that a person reads


@pytest.mark.timeout(600 + ROUNDS // 10)
@settings(max_examples=ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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
