"""A collector has what was found in its part of the plan."""

from pipeline.plans.errors import MOST_PRINTED
from pipeline.plans.findings import Findings


def test_the_example_in_the_docstring_is_true() -> None:
    findings = Findings()
    block = findings.under("model").item(1)
    block.under("name").add("missing", "one of scikit_model_svm, …")
    findings.under("seed").add("got true", "input should be a valid integer")

    assert [str(each) for each in findings] == [
        "model[1].name: missing; one of scikit_model_svm, ….",
        "seed: got true; input should be a valid integer.",
    ]
    assert not block.clean
    assert findings.under("adapter").clean


def test_what_is_found_beside_a_part_leaves_the_part_clean() -> None:
    findings = Findings()
    first, second = (findings.under("exclude").item(number) for number in (0, 1))

    first.add("got 3")

    assert (first.clean, second.clean, findings.clean) == (False, True, False)


def test_parts_at_one_place_are_told_apart() -> None:
    findings = Findings()
    settings = Findings(around=findings)

    settings.under("seed").add("got true")
    findings.under("model").add("missing")

    assert [each.path for each in findings] == ["seed", "model"]
    assert [each.path for each in settings] == ["seed"]


def test_a_key_that_is_no_plain_word_is_quoted_in_the_path() -> None:
    findings = Findings()

    findings.under("exclude").item(0).under("model.kernel").add("unknown key")

    assert [each.path for each in findings] == ['exclude[0]["model.kernel"]']


def test_a_plan_is_crowded_wherever_its_findings_are() -> None:
    findings = Findings()
    rules, model = findings.under("exclude"), findings.under("model")

    for number in range(MOST_PRINTED):
        assert not model.crowded
        rules.item(number).add("got 3")

    assert model.crowded
