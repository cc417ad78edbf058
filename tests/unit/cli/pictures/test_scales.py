"""In which cell a value is, and where axes have ticks."""

import pytest

from pipeline.cli.pictures.scales import Scale, fit, fit_costs, format_ticks


def test_the_lowest_value_is_in_the_first_cell_and_the_highest_in_the_last() -> None:
    scale = fit([3, 1, 2], 11)

    assert [scale.place(value) for value in (1, 2, 3)] == [0, 5, 10]
    assert [scale.place(value) for value in (-7, 99)] == [0, 10]


def test_a_lower_value_can_be_the_better_one() -> None:
    scale = fit([0.2, 0.6], 5, is_reversed=True)

    assert [scale.place(value) for value in (0.2, 0.4, 0.6)] == [4, 2, 0]


@pytest.mark.parametrize("value", [0.0, 0.9, -3.0])
def test_a_single_value_is_in_the_middle(value: float) -> None:
    assert fit([value, value], 11).place(value) == 5


@pytest.mark.parametrize(("costs", "is_logarithmic"), [((0.1, 2.0), False), ((0.1, 2.1), True), ((0, 50), False)])
def test_costs_that_differ_by_more_than_a_factor_of_twenty_get_a_logarithmic_scale(
    costs: tuple[float, float], is_logarithmic: bool
) -> None:
    assert fit_costs(costs, 10).is_logarithmic == is_logarithmic


def test_equal_factors_are_equal_distances_on_a_logarithmic_scale() -> None:
    scale = fit_costs([0.01, 100], 41)

    assert [scale.place(value) for value in (0.01, 0.1, 1, 10, 100)] == [0, 10, 20, 30, 40]


@pytest.mark.parametrize(
    ("scale", "most", "expected"),
    [
        (Scale(0.61, 0.88, 10), 5, ["0.65", "0.70", "0.75", "0.80", "0.85"]),
        (Scale(0, 98, 80), 5, ["0", "20", "40", "60", "80"]),
        (Scale(0.2, 6, 80, is_logarithmic=True), 8, ["0.2", "0.5", "1", "2", "5"]),
        (Scale(0.02, 6000, 80, is_logarithmic=True), 8, ["0.1", "1", "10", "100", "1,000"]),
        (Scale(2.2, 2.4, 80), 2, ["2.2", "2.3", "2.4"]),
    ],
)
def test_ticks_are_round_values(scale: Scale, most: int, expected: list[str]) -> None:
    assert format_ticks(scale.list_ticks(most)) == expected
