"""Rules that drop permutations."""

from itertools import combinations
from typing import Any

import pytest

from factories import PLAN, list_labels, make_plan
from pipeline.plans import PlanError, check_plan, expand

BAYES = {"name": "scikit_model_multinomial_naive_bayes"}
TFIDF = {"name": "TfidfAdapter"}


def exclude(plan: Any, *rules: dict[str, Any]) -> tuple[int, list[int]]:
    """Return how many definitions rules leave, and how many permutations each drops."""
    expansion = expand(plan | {"exclude": list(rules)})
    return len(expansion.definitions), [exclusion.permutations for exclusion in expansion.exclusions]


@pytest.mark.parametrize(
    ("rule", "left"),
    [
        ({"model.options.degree": 4}, 2),
        ({"model.options.degree": [4, 5]}, 2),
        ({"model.options.degree": 4, "adapter.options.sequence_length": 50}, 3),
        ({"model.name": "scikit_model_svm", "model.options.degree": 3.0}, 2),
        ({"adapter.name": ["Word2VecAdapter", "TfidfAdapter"], "adapter.options.sequence_length": 100}, 2),
        ({"model.options.gamma": "scale", "model.options.degree": 3}, 2),
        ({"dataset.options.start_datetime_str": "2016-01-01T00:00", "model.options.degree": 3}, 2),
    ],
    ids=["value", "values", "two conditions", "name", "names", "a default", "a date in another form"],
)
def test_a_rule_drops_what_meets_all_of_its_conditions(rule: dict[str, Any], left: int) -> None:
    assert exclude(PLAN, rule) == (left, [4 - left])


def test_what_two_rules_match_counts_for_the_first() -> None:
    long, fourth = {"adapter.options.sequence_length": 100}, {"model.options.degree": 4}

    assert exclude(PLAN, long, fourth) == (1, [2, 1])
    assert exclude(PLAN, fourth, long) == (1, [2, 1])


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ([{"model.options.degree": 5}], "no permutation meets all of its conditions"),
        ([{"model.options.alpha": 1}], "no permutation meets all of its conditions"),
        ([{"model.options.degree": 4}, {"model.options.degree": 4.0}], "dropped by an earlier rule"),
    ],
    ids=["a value that is not tried", "another class's option", "the same rule twice"],
)
def test_a_rule_that_drops_nothing_is_warned_of(rules: list[dict[str, Any]], reason: str) -> None:
    warnings = expand(PLAN | {"exclude": rules, "collapse_inert": True}).warnings

    (idle,) = [warning for warning in warnings if warning.what == "drops nothing"]
    assert idle.path == f"exclude[{len(rules) - 1}]"
    assert reason in str(idle)


def test_a_list_is_one_value_where_values_are_lists() -> None:
    plan = make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [[1, 1], [1, 2]]}})

    assert exclude(plan, {"adapter.options.ngram_range": [1, 2]}) == (2, [2])
    assert exclude(plan | {"exclude": []}, {"adapter.options.ngram_range": [[1, 2], [2, 2]]}) == (2, [2])


def test_permutations_that_break_a_rule_across_options_may_be_excluded() -> None:
    days = {"start_datetime_str": ["2016-1-1", "2016-1-2"], "end_datetime_str": ["2016-1-2", "2016-1-3"]}
    plan = make_plan(dataset__options={**days, "training_ratio": 0.5})
    rule = {"dataset.options.start_datetime_str": "2016-1-2", "dataset.options.end_datetime_str": "2016-1-2"}

    (finding,) = check_plan(plan)
    assert finding.path == "dataset.options"
    assert 'or drop such permutations with "exclude"' in str(finding)
    assert check_plan(plan | {"exclude": [rule]}) == []


def test_a_rule_across_options_is_told_once_with_how_often_it_is_broken() -> None:
    days = [f"2016-1-{day}" for day in range(1, 6)]
    plan = make_plan(dataset__options__start_datetime_str=days, dataset__options__end_datetime_str=days)

    (finding,) = check_plan(plan)

    assert "so in 15 permutations of this block" in str(finding)


def test_a_pair_that_cannot_work_may_be_excluded() -> None:
    plan = make_plan(adapter=[PLAN["adapter"], TFIDF], model=[PLAN["model"], BAYES])

    (finding,) = check_plan(plan)
    assert finding.path == "model[1].name"
    rule = {"adapter.name": "Word2VecAdapter", "model.name": "scikit_model_multinomial_naive_bayes"}
    assert str(rule).replace("'", '"') in str(finding)
    labels = list_labels(plan | {"exclude": [rule]})
    assert len([label for label in labels if label.startswith("tfidf-multinomial-naive-bayes-")]) == 1


def test_more_than_can_be_listed_is_counted_exactly() -> None:
    hundred = list(range(1, 101))
    options = dict.fromkeys(("sequence_length", "vector_size", "window", "epochs", "min_count"), hundred)
    plan = make_plan(adapter__options=options, model__options__degree=hundred) | {"max_definitions": 10}
    last = [{f"adapter.options.{name}": hundred[1:]} for name in options]

    with pytest.raises(PlanError, match=r"max_definitions: 1,000,000,000,000 definitions; at most 10;"):
        expand(plan)
    assert exclude(plan | {"max_definitions": 100}, *last) == (100, [99 * 100 ** (6 - n) for n in range(1, 6)])


def test_rules_over_too_many_options_are_refused() -> None:
    values = list(range(1, 41))
    plan = make_plan(
        adapter__options=dict.fromkeys(("sequence_length", "vector_size", "window", "epochs", "min_count"), values),
        model__options__degree=values,
    )
    names = [f"adapter.options.{name}" for name in plan["adapter"]["options"]] + ["model.options.degree"]
    rules = [{one: value, other: value} for one, other in combinations(names, 2) for value in values]

    (finding,) = check_plan(plan | {"exclude": rules})

    assert str(finding) == (
        "exclude: 600 rules over too many options to count what they leave; fewer rules, or shorter lists; "
        "split it into several plans."
    )
