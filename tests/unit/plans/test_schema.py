"""The JSON Schema accepts what the checks accept and refuses what a schema can say."""

from typing import Any

import jsonschema
import pytest

from factories import PLAN, make_plan
from pipeline.plans import check_plan
from pipeline.plans.example import EXAMPLE_PLAN
from pipeline.plans.schema import plan_schema

# a plan's schema is large: checking it anew for each plan would take seconds
VALIDATOR = jsonschema.Draft202012Validator(plan_schema())


def make_union(adapters: list[Any]) -> dict[str, Any]:
    return {"name": "UnionAdapter", "options": {"adapters": adapters}}


def test_the_schema_is_a_json_schema() -> None:
    VALIDATOR.check_schema(VALIDATOR.schema)


@pytest.mark.parametrize(
    "plan",
    [
        PLAN,
        EXAMPLE_PLAN,
        make_plan(model={"name": "scikit_model_svm"}),
        make_plan(model__options__degree=[3.0]),
        make_plan(model__options__degree=3),
        make_plan(model=[{"name": "scikit_model_svm"}, {"name": "scikit_model_logistic_regression"}]),
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [1, 2]}}),
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [[1, 1], [1, 2]]}}),
        make_plan()
        | {"seed": 7, "sample": 2, "max_definitions": 10, "on_existing": "reuse", "collapse_inert": True}
        | {"exclude": [{"model.options.degree": 4, "adapter.name": ["Word2VecAdapter"]}]},
        make_plan() | {"sample": None},
        make_plan(adapter=make_union(["TfidfAdapter", {"name": "HashingAdapter"}])),
        make_plan(adapter=make_union([["TfidfAdapter", "HashingAdapter"], ["HashingAdapter", "TfidfAdapter"]])),
        make_plan(adapter=make_union(["TfidfAdapter", {"name": "TfidfAdapter", "options": {"ngram_range": [1, 2.0]}}])),
    ],
)
def test_good_plans_pass(plan: dict[str, Any]) -> None:
    VALIDATOR.validate(plan)
    assert check_plan(plan) == []


@pytest.mark.parametrize(
    "plan",
    [
        make_plan(modell={}),
        make_plan(model=...),
        make_plan(model__name="svm"),
        make_plan(model__options__kernle=["rbf"]),
        make_plan(model__options__kernel=["rfb"]),
        make_plan(model__options__degree=[]),
        make_plan(model__options__degree="3"),
        make_plan(model=[]),
        make_plan(model=[{"name": "scikit_model_svm"}, {"name": "svm"}]),
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [1]}}),
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [[1, 9]]}}),
        make_plan() | {"seed": -1},
        make_plan() | {"sample": 0},
        make_plan() | {"on_existing": "skip"},
        make_plan() | {"exclude": {"model.name": "scikit_model_svm"}},
        make_plan() | {"exclude": [{}]},
        make_plan() | {"exclude": [{"model.name": "svm"}]},
        make_plan() | {"exclude": [{"model.kernel": "rbf"}]},
        make_plan() | {"exclude": [{"model.options.kernel": "RBF"}]},
        make_plan() | {"exclude": [{"model.options.kernel": []}]},
        make_plan(model__options__degree=["3"]),
        make_plan(dataset__options__training_ratio=[1]),
        make_plan(adapter__options__sequence_length=...),
        make_plan(adapter={"name": "Word2VecAdapter"}),
        make_plan(adapter=make_union(["TfidfAdapter"])),
        make_plan(adapter=make_union(["TfidfAdapter", "TfidfAdapter"])),
        make_plan(adapter=make_union(["TfidfAdapter", "UnionAdapter"])),
        make_plan(adapter=make_union(["TfidfAdapter", 3])),
        make_plan(adapter=make_union(["TfidfAdapter", {}])),
        make_plan(adapter=make_union(["TfidfAdapter", {"name": "Word2VecAdapter"}])),
        make_plan(adapter=make_union(["TfidfAdapter", {"name": "HashingAdapter", "options": {"norm": ["l2"]}}])),
        make_plan(adapter=make_union([["TfidfAdapter", "HashingAdapter"], ["TfidfAdapter", {"nmae": ""}]])),
    ],
)
def test_what_a_schema_can_say_is_refused(plan: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        VALIDATOR.validate(plan)
    assert check_plan(plan) != []
