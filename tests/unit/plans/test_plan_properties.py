"""What a plan means is what listing all of its permutations says, whatever the plan."""

import random
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fuzzing import patiently, tries
from pipeline.plans import PlanError, check_plan, expand
from pipeline.plans.schema import plan_schema
from unit.plans.reference import list_all
from unit.plans.strategies import plans

SCHEMA = jsonschema.Draft202012Validator(plan_schema())

pytestmark = patiently


@tries(100)
@given(plan=plans())
def test_a_plan_means_what_listing_its_permutations_says(plan: dict[str, Any]) -> None:
    listed = list_all(plan)
    if listed.refused:
        with pytest.raises(PlanError):
            expand(plan)
        return

    expansion = expand(plan | {"sample": None, "max_definitions": 1_000})

    assert [definition.label for definition in expansion.definitions] == [*listed.definitions]
    assert [definition.to_dict() for definition in expansion.definitions] == [*listed.definitions.values()]
    assert expansion.permutations == listed.permutations
    assert [exclusion.permutations for exclusion in expansion.exclusions] == listed.excluded
    assert expansion.repeated == listed.repeated
    assert len(expansion.definitions) == expansion.permutations - expansion.excluded - expansion.repeated
    assert expansion.same_model == len(listed.duplicates)
    assert expansion.duplicates == (listed.duplicates if plan.get("collapse_inert") else {})


@tries(100)
@given(plan=plans(), seed=st.integers(0, 2**32))
def test_the_order_of_keys_means_nothing(plan: dict[str, Any], seed: int) -> None:
    shuffled = shuffle_keys(plan, random.Random(seed))  # noqa: S311

    assert list_labels(shuffled) == list_labels(plan)


@tries(100)
@given(plan=plans())
def test_a_plan_is_refused_where_its_check_finds_something(plan: dict[str, Any]) -> None:
    findings = check_plan(plan)

    assert (list_labels(plan) is None) == bool(findings)
    if not findings:
        SCHEMA.validate(plan)


@tries(100)
@given(plan=plans(), size=st.integers(1, 20), larger=st.integers(1, 300), seed=st.integers(0, 2**32 - 1))
def test_a_sample_is_some_of_the_definitions_in_their_order(
    plan: dict[str, Any], size: int, larger: int, seed: int
) -> None:
    full = list_labels(plan | {"sample": None, "max_definitions": 1_000})
    sampled = plan | {"seed": seed, "max_definitions": 1_000}

    small, again, large = (list_labels(sampled | {"sample": count}) for count in (size, size, size + larger))

    if full is None:
        assert small is again is large is None
        return
    assert small == again
    assert small is not None
    assert large is not None
    assert len(small) == min(size, len(full))
    assert small == [label for label in full if label in set(small)]
    assert large == [label for label in full if label in set(large)]
    assert set(small) <= set(large)


def list_labels(plan: dict[str, Any]) -> list[str] | None:
    """Return the labels that a plan means, None where it is refused."""
    try:
        return [definition.label for definition in expand(plan).definitions]
    except PlanError:
        return None


def shuffle_keys(value: Any, draw: random.Random) -> Any:
    """Return the same JSON value, the keys of its objects in another order."""
    if isinstance(value, list):
        return [shuffle_keys(each, draw) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: shuffle_keys(value[key], draw) for key in draw.sample([*value], len(value))}
