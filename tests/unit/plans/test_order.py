"""The order of training: each adapter early, what shares it after."""

from typing import Any

from factories import make_plan
from pipeline.plans import expand
from pipeline.plans.order import order_to_share


def order(adapter: Any, model: Any, **overrides: Any) -> list[tuple[str, ...]]:
    """Return what tells the definitions of a plan apart, in the order of training."""
    plan = make_plan(adapter__options=adapter, model__options=model, **overrides)
    ordered = order_to_share(expand(plan).definitions)
    assert sorted(each.label for each in ordered) == sorted(each.label for each in expand(plan).definitions)
    names = [*adapter, *model]
    return [
        tuple(str((each.adapter.block["options"] | each.model.block["options"])[name]) for name in names)
        for each in ordered
    ]


def test_workers_that_begin_together_begin_different_adapters() -> None:
    found = order({"sequence_length": [10], "window": [2, 3, 4]}, {"C": [1, 2]})

    assert [window for _, window, _ in found] == ["2", "3", "4", "2", "3", "4"]


def test_then_everything_of_the_adapter_that_is_trained_first_and_its_other_rows_before_what_finds_everything() -> None:
    found = order({"sequence_length": [10, 20], "window": [2, 3]}, {"C": [1, 2]})

    assert found[:2] == [("10", "2", "1.0"), ("10", "3", "1.0")]
    assert found[2:5] == [("20", "2", "1.0"), ("10", "2", "2.0"), ("20", "2", "2.0")]
    assert found[5:] == [("20", "3", "1.0"), ("10", "3", "2.0"), ("20", "3", "2.0")]


def test_an_adapter_is_another_one_on_another_dataset() -> None:
    plan = make_plan(dataset__options__training_ratio=[0.7, 0.8], adapter__options__sequence_length=[10])

    found = [each.dataset.options.training_ratio for each in order_to_share(expand(plan).definitions)]

    assert found == [0.7, 0.8, 0.7, 0.8]


def test_of_very_many_adapters_the_first_are_used_before_the_last_are_trained() -> None:
    found = order({"sequence_length": [10], "window": [*range(1, 101)]}, {"C": [1, 2]})

    windows = [int(window) for _, window, _ in found]
    assert windows[:64] == windows[64:128] == [*range(1, 65)]
    assert windows[128:164] == windows[164:] == [*range(65, 101)]
