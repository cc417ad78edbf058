"""A plan becomes its definitions."""

import json
import os
import subprocess
import sys

import pytest

from factories import PLAN, list_labels, make_plan
from pipeline.plans import Definition, PlanError, expand


def test_the_plan_that_must_always_work_means_exactly_four_definitions() -> None:
    definitions = expand(PLAN).definitions

    assert len(definitions) == 4
    assert [
        (part["adapter"]["options"]["sequence_length"], part["model"]["options"]["degree"])
        for part in (definition.to_dict() for definition in definitions)
    ] == [(50, 3), (50, 4), (100, 3), (100, 4)]


def test_labels_are_unique_and_readable() -> None:
    labels = list_labels(PLAN)

    assert len(set(labels)) == 4
    assert all(label.startswith("word2vec-svm-") for label in labels)


def test_a_definition_is_written_with_every_default() -> None:
    options = expand(PLAN).definitions[0].to_dict()["adapter"]["options"]

    assert options["vector_size"] == 100
    assert options["pooling"] == "sequence"


@pytest.mark.parametrize(
    "other",
    [
        make_plan(dataset__options__start_datetime_str=["2016-01-01"]),
        make_plan(dataset__options__start_datetime_str=["2016-01-01T01:00+01:00"]),
        make_plan(model__options__tolerance=[0.001]),
        dict(reversed(PLAN.items())),
        make_plan(adapter__options={"vector_size": [100], "sequence_length": [50, 100]}),
    ],
    ids=["date", "offset", "float", "key order", "default written out"],
)
def test_equal_recipes_have_equal_labels(other: dict[str, object]) -> None:
    assert list_labels(other) == list_labels(PLAN)


def test_equal_definitions_reached_twice_are_one() -> None:
    expansion = expand(make_plan(model__options__tolerance=[1e-3, 0.001]))

    assert (len(expansion.definitions), expansion.permutations, expansion.repeated) == (4, 8, 4)


def test_an_integer_where_a_float_is_meant_gives_the_same_label() -> None:
    assert list_labels(make_plan(model__options__C=[1])) == list_labels(make_plan(model__options__C=[1.0]))


@pytest.mark.parametrize(
    ("option", "values"), [("degree", (3, 3.0)), ("coef0", (0.0, -0.0)), ("tolerance", (1e-3, 0.001))]
)
def test_one_number_written_in_two_ways_gives_one_label(option: str, values: tuple[float, float]) -> None:
    plans = [make_plan(**{f"model__options__{option}": [value]}) for value in values]

    one, other = map(list_labels, plans)
    assert one == other


def test_labels_do_not_depend_on_the_hash_seed() -> None:
    code = (
        "import json, sys; from pipeline.plans import expand;"
        "print(json.dumps([d.label for d in expand(json.loads(sys.argv[1])).definitions]))"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code, json.dumps(PLAN)],
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]

    assert runs[0] == runs[1]
    assert json.loads(runs[0]) == list_labels(PLAN)


def test_a_definition_survives_its_way_through_json() -> None:
    definition = expand(PLAN).definitions[0]

    again = Definition.from_dict(json.loads(json.dumps(definition.to_dict())))

    assert again.label == definition.label


def test_expanding_a_broken_plan_raises_all_its_findings() -> None:
    broken = make_plan(model__options__kernel=["rfb"], dataset__options__training_ratio=[0, 1])

    with pytest.raises(PlanError) as caught:
        expand(broken)

    assert [finding.path for finding in caught.value.findings] == [
        "dataset.options.training_ratio[0]",
        "dataset.options.training_ratio[1]",
        "model.options.kernel[0]",
    ]
