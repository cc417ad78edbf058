"""Lists of blocks, values by themselves, and lists that are values."""

from typing import Any

import pytest

from factories import PLAN, list_labels, make_plan
from pipeline.plans import PlanError, expand

SVM = {"name": "scikit_model_svm", "options": {"kernel": ["linear", "rbf"]}}
REGRESSION = {"name": "scikit_model_logistic_regression", "options": {"C": [0.1, 1]}}
TFIDF = {"name": "TfidfAdapter", "options": {"ngram_range": [[1, 1], [1, 2]]}}


def list_recipes(plan: Any, section: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the name and options of a section of each definition."""
    blocks = [definition.to_dict()[section] for definition in expand(plan).definitions]
    return [(block["name"], block["options"]) for block in blocks]


def test_a_list_of_blocks_is_the_union_of_their_products() -> None:
    plan = make_plan(model=[SVM, REGRESSION])

    recipes = list_recipes(plan, "model")
    assert len(recipes) == 2 * (2 + 2)
    assert [(name, options.get("kernel", options["C"])) for name, options in recipes[:4]] == [
        ("scikit_model_svm", "linear"),
        ("scikit_model_svm", "rbf"),
        ("scikit_model_logistic_regression", 0.1),
        ("scikit_model_logistic_regression", 1.0),
    ]


def test_one_run_compares_word2vec_with_tfidf() -> None:
    plan = make_plan(adapter=[PLAN["adapter"], TFIDF], model=[SVM, REGRESSION])

    assert len(list_labels(plan)) == (2 + 2) * (2 + 2)
    assert {label.rsplit("-", 1)[0] for label in list_labels(plan)} == {
        "word2vec-svm",
        "word2vec-logistic-regression",
        "tfidf-svm",
        "tfidf-logistic-regression",
    }


def test_a_list_of_one_block_is_that_block() -> None:
    assert list_labels(make_plan(model=[PLAN["model"]])) == list_labels(PLAN)


def test_blocks_that_overlap_give_each_definition_once() -> None:
    narrow = {"name": "scikit_model_svm", "options": {"kernel": "rbf"}}

    expansion = expand(make_plan(model=[narrow, SVM], adapter__options__sequence_length=50))

    assert [(options["kernel"]) for _, options in list_recipes(make_plan(model=[narrow, SVM]), "model")][:2] == [
        "rbf",
        "linear",
    ]
    assert (expansion.permutations, len(expansion.definitions), expansion.repeated) == (3, 2, 1)


def test_a_class_without_options_that_is_said_twice_is_one_definition() -> None:
    expansion = expand(make_plan(model=[{"name": "scikit_model_majority"}, {"name": "scikit_model_majority"}]))

    assert (expansion.permutations, len(expansion.definitions), expansion.repeated) == (4, 2, 2)


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [("model", "kernel", "rbf"), ("model", "degree", 3), ("model", "class_weight", None), ("model", "shrinking", True)],
)
def test_a_value_by_itself_is_a_list_of_one(section: str, option: str, value: Any) -> None:
    bare, listed = (make_plan(**{f"{section}__options__{option}": each}) for each in (value, [value]))

    assert list_labels(bare) == list_labels(listed)


def test_a_list_without_lists_is_one_value_where_values_are_lists() -> None:
    bare, listed = (
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": each}}) for each in ([1, 2], [[1, 2]])
    )

    assert list_labels(bare) == list_labels(listed)
    assert list_recipes(bare, "adapter")[0][1]["ngram_range"] == [1, 2]


def test_a_list_of_lists_is_several_values() -> None:
    ranges = [options["ngram_range"] for _, options in list_recipes(make_plan(adapter=TFIDF), "adapter")]

    assert ranges == [[1, 1], [1, 1], [1, 2], [1, 2]]


def test_a_mistake_in_every_block_is_told_with_its_block() -> None:
    plan = make_plan(model=[SVM | {"options": {"kernel": "rfb"}}, REGRESSION | {"options": {"C": [1, -1]}}])

    with pytest.raises(PlanError) as caught:
        expand(plan)

    assert [finding.path for finding in caught.value.findings] == ["model[0].options.kernel", "model[1].options.C[1]"]


def test_combinations_of_blocks_have_a_limit() -> None:
    many = [TFIDF | {"options": {"max_features": size}} for size in range(1, 102)]

    with pytest.raises(PlanError, match="10,201 combinations of blocks; at most 10,000"):
        expand(make_plan(adapter=many, model=[REGRESSION | {"options": {"C": size}} for size in range(1, 102)]))
