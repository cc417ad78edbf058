"""How definitions are told apart in a terminal."""

from factories import make_plan
from pipeline.cli.recipes import differing_options, tell_differences
from pipeline.plans import expand

CHARACTERS = {"name": "TfidfAdapter", "options": {"analyzer": "char_wb", "ngram_range": [2, 4]}}
VECTORS = {"name": "Word2VecAdapter", "options": {"sequence_length": 9}}


def test_the_parts_of_a_union_are_told_without_their_defaults() -> None:
    unions = {"adapters": [["TfidfAdapter", CHARACTERS], ["TfidfAdapter", VECTORS]]}
    plan = make_plan(adapter={"name": "UnionAdapter", "options": unions}, model__options={})
    definitions = [definition.to_dict() for definition in expand(plan).definitions]

    told = [tell_differences(definition, differing_options(definitions)) for definition in definitions]

    assert told == [
        "adapters=TfidfAdapter + TfidfAdapter(analyzer=char_wb, ngram_range=[2, 4])",
        "adapters=TfidfAdapter + Word2VecAdapter(sequence_length=9)",
    ]


def test_a_part_whose_class_is_no_longer_there_is_told_with_every_option() -> None:
    definitions = [
        {"dataset": block, "model": block, "adapter": {"name": "UnionAdapter", "options": {"adapters": [part]}}}
        for block in [{"name": "same", "options": {}}]
        for part in [{"name": "GoneAdapter", "options": {"length": 3}}, {"name": "GoneAdapter", "options": {}}]
    ]

    told = [tell_differences(definition, differing_options(definitions)) for definition in definitions]

    assert told == ["adapters=GoneAdapter(length=3)", "adapters=GoneAdapter"]
