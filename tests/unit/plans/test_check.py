"""Each mistake in a plan is found, placed, and explained so that a person can fix it."""

import pickle
from typing import Any

import pytest

from factories import PLAN, make_plan
from pipeline.plans import PlanError, check_plan, expand

CASES: dict[str, tuple[Any, str, str]] = {
    "not an object": ([], "plan", "an object with dataset, adapter, model"),
    "unknown section": (make_plan(modell={}), "modell", "did you mean model?"),
    "missing section": (make_plan(adapter=...), "adapter", "missing"),
    "section is a list of numbers": (make_plan(adapter=3), "adapter", "an object such as"),
    "unknown class": (make_plan(model__name="scikit_model_svn"), "model.name", "did you mean scikit_model_svm?"),
    "part of a class name": (make_plan(model__name="svm"), "model.name", "did you mean scikit_model_svm?"),
    "class name is no text": (make_plan(model__name=["a"]), "model.name", "unknown name"),
    "options left out": (make_plan(adapter={"name": "Word2VecAdapter"}), "adapter.options.sequence_length", "missing"),
    "NUL in a name": (
        make_plan(dataset__options__collection=["a\0"]),
        "dataset.options.collection[0]",
        "not a valid collection",
    ),
    "missing class": (make_plan(model__name=...), "model.name", "missing"),
    "unknown block key": (make_plan(model__optoins={}), "model.optoins", "did you mean options?"),
    "unknown option": (make_plan(model__options__kernle=["rbf"]), "model.options.kernle", "did you mean kernel?"),
    "missing option": (make_plan(adapter__options__sequence_length=...), "adapter.options.sequence_length", "missing"),
    "wrong type": (make_plan(model__options__degree=["3"]), "model.options.degree[0]", 'got "3"'),
    "bool for an integer": (make_plan(model__options__degree=[True]), "model.options.degree[0]", "got true"),
    "wrong by itself": (make_plan(model__options__degree="3"), "model.options.degree", 'got "3"'),
    "options is a list": (make_plan(model__options=[]), "model.options", "an object with the values to try"),
    "no blocks": (make_plan(model=[]), "model", "empty list"),
    "second block": (make_plan(model=[{"name": "scikit_model_svm"}, {"name": "svm"}]), "model[1].name", "did you mean"),
    "a block that is none": (make_plan(model=[3]), "model[0]", "got 3"),
    "item of a list": (
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [[1, 9]]}}),
        "adapter.options.ngram_range[0]",
        "item 1: input should be less than or equal to 8",
    ),
    "a list that is one value": (
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [2, 1]}}),
        "adapter.options.ngram_range",
        "the shortest length (2)",
    ),
    "too many": (
        make_plan(adapter__options__sequence_length=list(range(1, 1002))),
        "max_definitions",
        '2,002 definitions; at most 1,000; shorten lists, "exclude" or "sample" some, or raise "max_definitions"',
    ),
    "a list for a setting": (make_plan() | {"seed": [1]}, "seed", "got [1]"),
    "a setting out of range": (make_plan() | {"sample": 0}, "sample", "greater than or equal to 1"),
    "a setting misspelt": (make_plan() | {"max_definition": 3}, "max_definition", "did you mean max_definitions?"),
    "a wrong choice": (make_plan() | {"on_existing": "skip"}, "on_existing", "'train' or 'reuse'"),
    "exclude is one rule": (
        make_plan() | {"exclude": {"model.name": "scikit_model_svm"}},
        "exclude",
        'write [{"model.name": "scikit_model_svm"}]',
    ),
    "an option beside the name": (make_plan(model={"name": "scikit_model_svm", "kernel": 1}), "model.kernel", "inside"),
    "names in a list": (make_plan(model__name=["scikit_model_svm"]), "model.name", "write model as a list of blocks"),
    "null where it may be": (
        make_plan(model__options__class_weight="none"),
        "model.options.class_weight",
        "'balanced' or null",
    ),
    "a flat list too long": (
        make_plan(adapter={"name": "TfidfAdapter", "options": {"ngram_range": [1, 2, 3]}}),
        "adapter.options.ngram_range",
        "a list without lists inside is one value",
    ),
    "a condition on all options": (
        make_plan() | {"exclude": [{"model.options": {"kernel": "rbf"}}]},
        'exclude[0]["model.options"]',
        "write model.options.OPTION",
    ),
    "an empty rule": (make_plan() | {"exclude": [{}]}, "exclude[0]", "an object such as"),
    "a condition without options": (
        make_plan() | {"exclude": [{"model.kernel": "rbf"}]},
        'exclude[0]["model.kernel"]',
        "did you mean model.options.kernel?",
    ),
    "a condition on an unknown option": (
        make_plan() | {"exclude": [{"model.options.kernle": "rbf"}]},
        'exclude[0]["model.options.kernle"]',
        "did you mean kernel?",
    ),
    "a condition on another class's option": (
        make_plan() | {"exclude": [{"model.name": "scikit_model_svm", "model.options.alpha": 1}]},
        'exclude[0]["model.options.alpha"]',
        "scikit_model_svm has no such option",
    ),
    "a condition no value can meet": (
        make_plan() | {"exclude": [{"model.options.kernel": ["rbf", "rfb"]}]},
        'exclude[0]["model.options.kernel"]',
        "did you mean rbf?",
    ),
    "a condition without a value": (
        make_plan() | {"exclude": [{"model.options.kernel": []}]},
        'exclude[0]["model.options.kernel"]',
        "empty list",
    ),
    "a condition on an unknown name": (
        make_plan() | {"exclude": [{"model.name": "scikit_model_svn"}]},
        'exclude[0]["model.name"]',
        "did you mean scikit_model_svm?",
    ),
    "nothing left": (
        make_plan() | {"exclude": [{"model.options.degree": [3, 4]}]},
        "exclude",
        "excludes all 4 permutations",
    ),
    "a pair that cannot work": (
        make_plan(model={"name": "scikit_model_multinomial_naive_bayes"}),
        "model.name",
        "cannot take negative features, and Word2VecAdapter (adapter) produces some",
    ),
    "a part of a union of an unknown name": (
        make_plan(adapter={"name": "UnionAdapter", "options": {"adapters": ["TfidfAdapter", "Hashing"]}}),
        "adapter.options.adapters",
        "item 1: unknown name; one of ",
    ),
    "a part of one of several unions": (
        make_plan(
            adapter={
                "name": "UnionAdapter",
                "options": {
                    "adapters": [
                        ["TfidfAdapter", "HashingAdapter"],
                        ["TfidfAdapter", {"name": "HashingAdapter", "options": {"n_features": 1, "norn": None}}],
                    ]
                },
            }
        ),
        "adapter.options.adapters[1]",
        "item 1: options of HashingAdapter: n_features: input should be greater than or equal to 256; options of "
        "HashingAdapter: 'norn' is unknown, known are n_features, analyzer, ngram_range, sublinear_tf, norm, did you "
        "mean norm?",
    ),
    "a union with negative numbers in it": (
        make_plan(
            adapter={
                "name": "UnionAdapter",
                "options": {
                    "adapters": [
                        ["TfidfAdapter", "HashingAdapter"],
                        ["TfidfAdapter", {"name": "Word2VecAdapter", "options": {"sequence_length": 9}}],
                    ]
                },
            },
            model={"name": "scikit_model_multinomial_naive_bayes"},
        ),
        "model.name",
        "cannot take negative features, and UnionAdapter (adapter) produces some",
    ),
    "empty list": (make_plan(model__options__degree=[]), "model.options.degree", "empty list"),
    "ratio 0": (make_plan(dataset__options__training_ratio=[0]), "dataset.options.training_ratio[0]", "greater than 0"),
    "ratio 1": (make_plan(dataset__options__training_ratio=[1]), "dataset.options.training_ratio[0]", "less than 1"),
    "no such day": (
        make_plan(dataset__options__start_datetime_str=["2016-2-30"]),
        "dataset.options.start_datetime_str[0]",
        "does not exist in the calendar",
    ),
    "no date at all": (
        make_plan(dataset__options__start_datetime_str=["yesterday"]),
        "dataset.options.start_datetime_str[0]",
        "year-month-day",
    ),
    "end before start": (make_plan(dataset__options__end_datetime_str=["2015-1-1"]), "dataset.options", "2015-01-01"),
    "near choice": (make_plan(model__options__kernel=["rfb"]), "model.options.kernel[0]", "did you mean rbf?"),
    "near choice among types": (
        make_plan(model__options__gamma=["sclae"]),
        "model.options.gamma[0]",
        "did you mean scale?",
    ),
}


@pytest.mark.parametrize(("plan", "path", "part"), CASES.values(), ids=CASES.keys())
def test_a_mistake_is_found_at_its_place(plan: Any, path: str, part: str) -> None:
    findings = check_plan(plan)

    assert [finding.path for finding in findings] == [path]
    assert part in str(findings[0])


def test_a_good_plan_has_no_findings() -> None:
    assert check_plan(PLAN) == []


def test_all_mistakes_are_told_at_once() -> None:
    plan = make_plan(
        modell={}, model__name="svm", adapter__options__sequence_length=[0], dataset__options__training_ratio=2
    )

    with pytest.raises(PlanError, match="the plan has 4 mistakes") as caught:
        expand(plan)

    assert [finding.path for finding in caught.value.findings] == [
        "modell",
        "dataset.options.training_ratio",
        "adapter.options.sequence_length[0]",
        "model.name",
    ]


def test_a_mistake_does_not_hide_others_of_another_kind() -> None:
    plan = make_plan(
        dataset__options__end_datetime_str="2015-1-1",
        adapter__options__sequence_length=list(range(1, 2000)),
        adapter__options__windwo=3,
        model=[PLAN["model"], {"name": "scikit_model_multinomial_naive_bayes"}],
    )

    assert [finding.path for finding in check_plan(plan)] == [
        "adapter.options.windwo",
        "model[1].name",
        "max_definitions",
        "dataset.options",
    ]


def test_a_section_that_cannot_be_read_does_not_hide_the_rules_of_another() -> None:
    plan = make_plan(dataset__options__end_datetime_str="2015-1-1", model={"name": "svm"})

    assert [finding.path for finding in check_plan(plan)] == ["model.name", "dataset.options"]


def test_a_rule_that_cannot_be_read_raises_no_alarm_about_the_count() -> None:
    plan = make_plan() | {"max_definitions": 3, "exclude": [{"model.degree": 3}]}

    assert [finding.path for finding in check_plan(plan)] == ['exclude[0]["model.degree"]']


def test_many_wrong_values_are_told_as_some_and_a_number() -> None:
    findings = check_plan(make_plan(model__options__C=[0] * 100))

    assert len(findings) == 21
    assert "80 more values like these" in str(findings[20])


def test_very_many_mistakes_are_printed_as_some_and_a_number() -> None:
    with pytest.raises(PlanError) as caught:
        expand(make_plan(model__options={f"x{number}": 1 for number in range(2_000)}))

    lines = str(caught.value).splitlines()
    assert lines[0] == "the plan has 2,000 mistakes:"
    assert lines[-1] == "  … and 1,900 more"
    assert len(caught.value.findings) == 2_000


def test_the_address_of_the_schema_is_no_mistake() -> None:
    assert check_plan(make_plan() | {"$schema": "plan.schema.json"}) == []


def test_a_huge_plan_is_counted_without_being_expanded() -> None:
    hundred = list(range(1, 101))
    plan = make_plan(
        adapter__options=dict.fromkeys(("sequence_length", "vector_size", "window", "epochs", "min_count"), hundred)
    )

    assert "20,000,000,000 definitions" in str(check_plan(plan)[0])


def test_a_plan_error_survives_pickling_between_processes() -> None:
    with pytest.raises(PlanError) as caught:
        expand({})

    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own error, as executors pass it on

    assert str(again) == str(caught.value)
    assert again.findings == caught.value.findings
