"""How definitions are told apart."""

from factories import make_plan
from pipeline.plans import expand
from pipeline.plans.differences import differing_options, format_differences

CHARACTERS = {"name": "TfidfAdapter", "options": {"analyzer": "char_wb", "ngram_range": [2, 4]}}
VECTORS = {"name": "Word2VecAdapter", "options": {"sequence_length": 9}}


def test_the_parts_of_a_union_are_told_without_their_defaults() -> None:
    unions = {"adapters": [["TfidfAdapter", CHARACTERS], ["TfidfAdapter", VECTORS]]}
    plan = make_plan(adapter={"name": "UnionAdapter", "options": unions}, model__options={})
    definitions = [definition.to_dict() for definition in expand(plan).definitions]

    told = [format_differences(definition, differing_options(definitions)) for definition in definitions]

    assert told == [
        "adapters=TfidfAdapter + TfidfAdapter(analyzer=char_wb, ngram_range=[2, 4])",
        "adapters=TfidfAdapter + Word2VecAdapter(sequence_length=9)",
    ]


def test_values_are_told_as_a_plan_has_them() -> None:
    options = {"use_idf": [True, False], "norm": ["l2", None], "ngram_range": [[1, 1], [1, 2]]}
    plan = make_plan(adapter={"name": "TfidfAdapter", "options": options}, model__options={})
    definitions = [definition.to_dict() for definition in expand(plan).definitions]

    told = format_differences(definitions[-1], differing_options(definitions))

    assert told == "ngram_range=[1, 2], norm=null, use_idf=false"


def test_only_options_that_tell_definitions_of_one_class_apart_are_told() -> None:
    models = [
        {"name": "scikit_model_svm", "options": {"C": [1, 10]}},
        {"name": "scikit_model_logistic_regression", "options": {"max_iter": 50}},
    ]
    plan = make_plan(adapter={"name": "TfidfAdapter"}, model=models)
    definitions = [definition.to_dict() for definition in expand(plan).definitions]

    told = [format_differences(definition, differing_options(definitions)) for definition in definitions]

    assert told == ["C=1.0", "C=10.0", ""]


def test_datasets_of_several_classes_are_told_by_name() -> None:
    options = {"days": [1, 2], "before_datetime_str": "2016-1-2", "training_ratio": 0.8}
    plan = make_plan(adapter={"name": "TfidfAdapter"}, model__options={})
    plan["dataset"] = [plan["dataset"], {"name": "RecentDataset", "options": options}]
    definitions = [definition.to_dict() for definition in expand(plan).definitions]

    told = [format_differences(definition, differing_options(definitions)) for definition in definitions]

    assert told == ["dataset=SpanDataset", "dataset=RecentDataset, days=1.0", "dataset=RecentDataset, days=2.0"]


def test_a_part_whose_class_is_no_longer_there_is_told_with_every_option() -> None:
    definitions = [
        {"dataset": block, "model": block, "adapter": {"name": "UnionAdapter", "options": {"adapters": [part]}}}
        for block in [{"name": "same", "options": {}}]
        for part in [{"name": "GoneAdapter", "options": {"length": 3}}, {"name": "GoneAdapter", "options": {}}]
    ]

    told = [format_differences(definition, differing_options(definitions)) for definition in definitions]

    assert told == ["adapters=GoneAdapter(length=3)", "adapters=GoneAdapter"]
