"""Where in a text the path of a finding is."""

import json

import pytest

from pipeline.plans import check_plan
from pipeline.plans.positions import Position, find_positions

TEXT = """{
  "dataset": {"name": "SpanDataset", "options": {"training_ratio": [0.8, 1.8], "é\\"{": 1}},
  "model": [{"name": "a"},
            {"name": 5, "options": {"layers": [[1, 2], [3]]}}],
  "exclude": [{"model.options.degree": [3]}]
}"""


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("dataset", '"dataset": {"name"'),
        ("dataset.options.training_ratio", '"training_ratio"'),
        ("dataset.options.training_ratio[1]", "1.8]"),
        ('dataset.options["é\\"{"]', '"é\\"{": 1'),
        ("model[1].name", '"name": 5'),
        ("model[1].options.layers[1][0]", "3]]"),
        ('exclude[0]["model.options.degree"][0]', "3]}]"),
        ("model[0].options.kernel", '{"name": "a"}'),
        ("adapter", "{\n"),
        ("plan", "{\n"),
    ],
)
def test_a_path_points_at_its_value_or_at_what_is_around_it(path: str, found: str) -> None:
    position = find_positions(TEXT, [path])[path]

    assert TEXT.splitlines(keepends=True)[position.line - 1][position.column - 1 :].startswith(found)


def test_a_path_that_says_its_place_points_there() -> None:
    assert find_positions("[", ["plan, line 7, column 12"]) == {"plan, line 7, column 12": Position(7, 12)}


def test_a_path_that_no_text_has_is_left_out() -> None:
    assert find_positions("", ["model.name"]) == {}


def test_every_finding_of_a_wrong_plan_has_a_place() -> None:
    plan = {"dataset": {"name": "SpanDataset"}, "adapter": [], "model": 1, "seed": True, "sede": {}, "exclude": [{}]}
    text = json.dumps(plan, indent=1)
    paths = [finding.path for finding in check_plan(plan)]

    assert len(paths) > 5
    assert [*find_positions(text, paths)] == [*dict.fromkeys(paths)]


def test_a_large_text_takes_time_in_proportion() -> None:
    text = json.dumps({"model": [{"name": "a", "options": {"C": [1, 2]}}] * 8_000})

    assert find_positions(text, ["model[7999].options.C[1]"])["model[7999].options.C[1]"].line == 1
    assert find_positions('\\"' * 200_000, ["plan"]) == {"plan": Position(1, 1)}
