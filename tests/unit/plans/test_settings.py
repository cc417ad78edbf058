"""A plan's settings: sample, cap, and what is done with options that change nothing."""

from typing import Any

import pytest

from factories import PLAN, list_labels, make_plan
from pipeline.plans import PlanError, check_plan, expand
from pipeline.search.settings import Search

TEN = make_plan(adapter__options__sequence_length=list(range(1, 11)), model__options__degree=3)


def test_a_sample_is_a_reproducible_part_of_the_plan_in_its_order() -> None:
    everything, drawn = list_labels(TEN), list_labels(TEN | {"sample": 4})

    assert len(drawn) == 4
    assert drawn == [label for label in everything if label in drawn]
    assert drawn == list_labels(TEN | {"sample": 4})
    assert len({tuple(list_labels(TEN | {"sample": 4, "seed": seed})) for seed in range(20)}) > 10


def test_what_is_not_drawn_is_excluded_by_the_sample() -> None:
    expansion = expand(TEN | {"sample": 4, "exclude": [{"adapter.options.sequence_length": [1, 2]}]})

    assert [(exclusion.rule, exclusion.permutations) for exclusion in expansion.exclusions] == [
        ({"adapter.options.sequence_length": [1, 2]}, 2),
        ({"sample": 4}, 4),
    ]


def test_a_sample_larger_than_the_plan_is_the_plan() -> None:
    assert list_labels(TEN | {"sample": 11}) == list_labels(TEN)


def test_a_sample_of_more_than_can_be_listed_is_drawn() -> None:
    hundred = list(range(1, 101))
    options = dict.fromkeys(("sequence_length", "vector_size", "window", "epochs", "min_count"), hundred)

    expansion = expand(make_plan(adapter__options=options, model__options__degree=hundred) | {"sample": 50})

    assert len({definition.label for definition in expansion.definitions}) == 50
    assert expansion.excluded == 10**12 - 50


def test_a_sample_counts_against_the_cap() -> None:
    with pytest.raises(PlanError, match="max_definitions: 5 definitions; at most 4"):
        expand(TEN | {"sample": 5, "max_definitions": 4})


def test_the_cap_is_raised_by_the_plan() -> None:
    plan = make_plan(adapter__options__sequence_length=list(range(1, 1002)))

    assert len(expand(plan | {"max_definitions": 2_002}).definitions) == 2_002


def test_the_plan_that_must_always_work_has_one_warning() -> None:
    expansion = expand(PLAN)

    (warning,) = expansion.warnings
    assert warning.path == "model.options.degree"
    assert "changes nothing unless kernel is poly, which is not tried here" in str(warning)
    assert "2 of 4 definitions train the same model as others" in str(warning)
    assert (len(expansion.definitions), expansion.same_model, expansion.duplicates) == (4, 2, {})


def test_collapsed_it_trains_two_and_keeps_the_others_as_their_duplicates() -> None:
    expansion = expand(PLAN | {"collapse_inert": True})
    labels = list_labels(PLAN)

    assert [definition.label for definition in expansion.definitions] == labels
    assert expansion.duplicates == {labels[1]: labels[0], labels[3]: labels[2]}
    assert [definition.label for definition in expansion.to_train] == [labels[0], labels[2]]


def test_an_option_that_is_active_somewhere_is_warned_of_where_it_is_not() -> None:
    (warning,) = expand(make_plan(model__options__kernel=["rbf", "poly"])).warnings

    assert warning.what == "changes nothing unless kernel is poly"
    assert "2 of 8 definitions" in str(warning)


def test_an_option_that_is_active_everywhere_or_makes_no_difference_is_not_warned_of() -> None:
    assert expand(make_plan(model__options__kernel="poly")).warnings == []
    assert expand(make_plan(model__options__kernel=["rbf", "poly"], model__options__degree=4)).warnings == []


def test_an_option_with_one_value_that_is_never_active_is_warned_of() -> None:
    (warning,) = expand(make_plan(model__options__degree=4)).warnings

    assert warning.what == "changes nothing unless kernel is poly, which is not tried here"


def test_options_that_the_plan_does_not_name_are_not_warned_of() -> None:
    assert expand(make_plan(model__options={"kernel": "linear"})).warnings == []


def test_of_definitions_that_train_the_same_model_one_that_is_stored_stands_for_all() -> None:
    expansion = expand(PLAN | {"collapse_inert": True})
    labels = list_labels(PLAN)

    reused = expansion.reuse({labels[1]: 7, labels[2]: 8, labels[3]: 9})

    assert reused.duplicates == {labels[0]: labels[1], labels[3]: labels[2]}
    assert reused.reused == {labels[1]: 7, labels[2]: 8}
    assert reused.to_train == []
    assert [reused.state(label) for label in labels] == ["duplicate", "reused", "reused", "duplicate"]


def test_only_the_block_that_keeps_an_option_idle_is_warned_of() -> None:
    blocks = [
        {"name": "scikit_model_svm", "options": {"kernel": kernel, "degree": [2, 3]}} for kernel in ("poly", "rbf")
    ]

    (warning,) = expand(make_plan(model=blocks)).warnings

    assert warning.path == "model[1].options.degree"
    assert "2 of 8 definitions" in str(warning)


def test_many_blocks_of_one_class_have_one_warning() -> None:
    blocks = [{"name": "scikit_model_svm", "options": {"kernel": "rbf", "degree": 4, "C": C}} for C in range(1, 6)]

    (warning,) = expand(make_plan(model=blocks)).warnings

    assert warning.path == "model[0].options.degree"
    assert "which is not tried here, nor in 4 other blocks" in str(warning)


def test_a_sample_is_warned_of_as_the_whole_plan_is() -> None:
    plan = make_plan(model__options__kernel=["rbf", "poly"], model__options__degree=4)

    assert {tuple(expand(plan | {"sample": 1, "seed": seed}).warnings) for seed in range(5)} == {()}


@pytest.mark.parametrize(
    ("search", "said"),
    [
        ("halving", 'search: got "halving"; an object such as {"method": "halving"'),
        ([], "search: got []; an object such as"),
        ({}, 'search: got {}; an object such as {"method": "halving"'),
        ({"method": "halvin"}, "did you mean halving?"),
        ({"factor": 1}, "search.factor: got 1; input should be greater than or equal to 2."),
        ({"factor": True}, "search.factor: got true; input should be a valid integer."),
        ({"smallest": 0.9}, "search.smallest: got 0.9; input should be less than or equal to 0.5."),
        ({"smallest": None}, "search.smallest: got null"),
        ({"resource": "epochs"}, 'search.resource: got "epochs"'),
        ({"rungs": 3}, "search.rungs: unknown key; known are method, factor, smallest, resource."),
        ({"resource": "trees"}, "search.resource: trees, which scikit_model_svm cannot be given less of"),
    ],
)
def test_a_wrong_search_is_explained_where_it_is(search: Any, said: str) -> None:
    (finding,) = check_plan(make_plan(search=search))

    assert said in str(finding)


@pytest.mark.parametrize("search", [None, {"factor": 4.0}, {"method": "halving", "smallest": 0.01}])
def test_a_search_may_leave_out_any_key(search: Any) -> None:
    assert check_plan(make_plan(search=search)) == []
    found = expand(make_plan(search=search)).settings.search
    assert found == (None if search is None else Search(**{"factor": 3} | search))


def test_a_search_does_not_change_labels() -> None:
    assert list_labels(make_plan(search={"factor": 2})) == list_labels(make_plan())


@pytest.mark.parametrize(
    ("budget", "said"),
    [
        (
            {"max_failures": 0},
            "max_failures: got 0; input should be a whole number from 1, or a share between 0 and 1, or null.",
        ),
        ({"max_failures": 1.5}, "max_failures: got 1.5"),
        ({"max_failures": True}, "max_failures: got true"),
        ({"max_minutes": 0}, "max_minutes: got 0; input should be greater than 0 or null."),
        ({"max_minutes": "9"}, 'max_minutes: got "9"'),
        ({"max_memory_mb": 299}, "max_memory_mb: got 299; input should be greater than or equal to 300 or null."),
    ],
)
def test_a_wrong_budget_is_explained(budget: dict[str, Any], said: str) -> None:
    (finding,) = check_plan(make_plan(**budget))

    assert said in str(finding)


@pytest.mark.parametrize(
    ("called", "said"),
    [
        ({"name": ""}, 'name: got ""; string should have at least 1 character or null.'),
        ({"name": " \u200b"}, "input should be one line of visible characters or null."),
        ({"name": "two\nlines"}, "input should be one line of visible characters or null."),
        ({"name": "x" * 101}, "string should have at most 100 characters or null."),
        ({"name": 3}, "name: got 3; input should be a valid string or null."),
        ({"note": "turned \u202e round"}, "input should be visible characters in lines or null."),
        ({"tags": "spam"}, 'tags: got "spam"; input should be a valid list.'),
        ({"tags": ["spam", "a, b"]}, "item 1: input should be a tag without a comma."),
        ({"tags": [str(number) for number in range(21)]}, "list should have at most 20 items, not 21."),
    ],
)
def test_what_a_run_cannot_be_called_is_explained(called: dict[str, Any], said: str) -> None:
    (finding,) = check_plan(make_plan(**called))

    assert said in str(finding)


def test_what_a_run_is_called_is_stored_as_people_see_it_and_changes_no_label() -> None:
    called = {"name": " Zu\u0308rich ", "note": "one\r\ntwo\n", "tags": ["b", " a", "b", ""]}
    settings = expand(make_plan(**called)).settings

    assert (settings.name, settings.note, settings.tags) == ("Zürich", "one\ntwo", ["b", "a"])
    assert list_labels(make_plan(**called)) == list_labels(make_plan())


def test_only_budgets_that_are_set_are_budgets() -> None:
    assert expand(PLAN).settings.budgets == {}
    assert expand(make_plan(max_failures=0.1, max_minutes=30)).settings.budgets == {
        "max_failures": 0.1,
        "max_minutes": 30.0,
    }
