"""Unions of adapters in a plan: many values of one option, each with options of its own."""

import json
from typing import Any

import pytest

from factories import list_labels, make_plan
from pipeline.plans import Definition, check_plan, expand

NAIVE_BAYES = "scikit_model_multinomial_naive_bayes"
WORDS = ["TfidfAdapter", {"name": "TfidfAdapter", "options": {"analyzer": "char_wb", "ngram_range": [2, 4]}}]
VECTORS = ["TfidfAdapter", {"name": "Word2VecAdapter", "options": {"sequence_length": 9}}]


def make_union_plan(*unions: Any, **settings: Any) -> dict[str, Any]:
    adapter = {"name": "UnionAdapter", "options": {"adapters": [*unions]}}
    models = [{"name": NAIVE_BAYES}, {"name": "scikit_model_svm"}]
    return make_plan(adapter=adapter, model=models) | settings


def test_a_union_that_gives_no_negative_numbers_goes_with_every_model() -> None:
    expansion = expand(make_union_plan(WORDS))

    assert [definition.model.name for definition in expansion.definitions] == [NAIVE_BAYES, "scikit_model_svm"]


def test_a_union_that_gives_negative_numbers_is_refused_beside_a_model_that_takes_none() -> None:
    findings = check_plan(make_union_plan(WORDS, VECTORS))

    assert [finding.path for finding in findings] == ["model[0].name"]
    assert "UnionAdapter (adapter) produces some" in findings[0].what


def test_a_rule_drops_the_union_that_does_not_go_with_a_model() -> None:
    rule = {"adapter.options.adapters": [VECTORS], "model.name": NAIVE_BAYES}

    expansion = expand(make_union_plan(WORDS, VECTORS, exclude=[rule]))

    assert [exclusion.permutations for exclusion in expansion.exclusions] == [1]
    assert len(expansion.definitions) == 3


def test_a_rule_means_a_union_however_it_is_said() -> None:
    said = [{"options": {"ngram_range": [1.0, 1]}, "name": "TfidfAdapter"}, VECTORS[1]]

    expansion = expand(make_union_plan(WORDS, VECTORS, exclude=[{"adapter.options.adapters": said}]))

    assert expansion.excluded == 2


def test_one_union_needs_no_list_around_it() -> None:
    by_itself = make_plan(adapter={"name": "UnionAdapter", "options": {"adapters": WORDS}})

    assert list_labels(by_itself) == list_labels(
        make_plan(adapter__name="UnionAdapter", adapter__options={"adapters": [WORDS]})
    )


def test_a_union_said_twice_is_one_definition() -> None:
    again = [{"name": "TfidfAdapter"}, WORDS[1]]

    assert expand(make_union_plan(WORDS, again)).repeated == 2


def test_the_label_of_a_union_is_that_of_every_release() -> None:
    plan = make_plan(adapter={"name": "UnionAdapter", "options": {"adapters": WORDS}}, model__options={})

    assert list_labels(plan) == ["union-svm-e339c1b50dd4"]


def test_a_definition_that_a_database_gives_back_has_its_label() -> None:
    (definition,) = expand(make_union_plan(WORDS, exclude=[{"model.name": NAIVE_BAYES}])).definitions

    # a database may keep an object's keys in another order
    kept = json.loads(json.dumps(definition.to_dict(), sort_keys=True))

    assert Definition.from_dict(kept).label == definition.label


@pytest.mark.parametrize("count", [200])
def test_many_unions_over_many_options_are_counted_without_being_expanded(count: int) -> None:
    unions = [["TfidfAdapter", {"name": "HashingAdapter", "options": {"n_features": 256 + n}}] for n in range(count)]
    plan = make_union_plan(*unions, VECTORS)
    plan["model"] = {"name": NAIVE_BAYES, "options": {"alpha": [each / 1_000 for each in range(1, 1_001)]}}

    paths = [finding.path for finding in check_plan(plan)]

    assert paths == ["model.name", "max_definitions"]
