"""Each mistake in a plan is found, placed, and told so that a person can mend it."""

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
    "NUL in a name": (make_plan(dataset__options__collection=["a\0"]), "dataset.options.collection[0]", "pattern"),
    "missing class": (make_plan(model__name=...), "model.name", "missing"),
    "unknown block key": (make_plan(model__optoins={}), "model.optoins", "did you mean options?"),
    "unknown option": (make_plan(model__options__kernle=["rbf"]), "model.options.kernle", "did you mean kernel?"),
    "missing option": (make_plan(adapter__options__sequence_length=...), "adapter.options.sequence_length", "missing"),
    "wrong type": (make_plan(model__options__degree=["3"]), "model.options.degree[0]", 'got "3"'),
    "bool for an integer": (make_plan(model__options__degree=[True]), "model.options.degree[0]", "got true"),
    "not a list": (make_plan(model__options__degree=3), "model.options.degree", "write [3]"),
    "options is a list": (make_plan(model__options=[]), "model.options", "an object with a list for every option"),
    "empty list": (make_plan(model__options__degree=[]), "model.options.degree", "empty list"),
    "ratio 0": (make_plan(dataset__options__training_ratio=[0]), "dataset.options.training_ratio[0]", "greater than 0"),
    "ratio 1": (make_plan(dataset__options__training_ratio=[1]), "dataset.options.training_ratio[0]", "less than 1"),
    "no such day": (
        make_plan(dataset__options__start_datetime_str=["2016-2-30"]),
        "dataset.options.start_datetime_str[0]",
        "no moment in the calendar",
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
    "too many": (make_plan(adapter__options__sequence_length=list(range(1, 1002))), "plan", "at most 1,000"),
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


def test_a_huge_plan_is_counted_without_being_expanded() -> None:
    hundred = list(range(1, 101))
    plan = make_plan(
        adapter__options=dict.fromkeys(("sequence_length", "vector_size", "window", "epochs", "min_count"), hundred)
    )

    assert "20,000,000,000 permutations" in str(check_plan(plan)[0])


def test_a_plan_error_survives_pickling_between_processes() -> None:
    with pytest.raises(PlanError) as caught:
        expand({})

    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own error, as executors pass it on

    assert str(again) == str(caught.value)
    assert again.findings == caught.value.findings
