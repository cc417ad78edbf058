"""Classes by name: our own, those of other distributions, and what an unknown name is answered with."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest
from structlog.testing import capture_logs

from pipeline.adapters import adapters
from pipeline.components.family import Family
from pipeline.components.suggest import suggest
from pipeline.datasets import datasets
from pipeline.datasets.base import Dataset
from pipeline.errors import UnknownNameError
from pipeline.models import models
from pipeline.models.base import Model

GUESS = """
    from pydantic import Field
    from pipeline.models.scikit_model_svm import ScikitModelSvm
    from pipeline.components.options import OptionSchema

    class Guess(ScikitModelSvm):
        name = "guess"
        short_name = "guess"
        libraries = ("guess_work", "numpy")
"""

NAMELESS = """
    from pipeline.models.scikit_model_svm import ScikitModelSvm

    leave_out = ("name", "__dict__", "__weakref__", "_abc_impl")
    members = {key: value for key, value in vars(ScikitModelSvm).items() if key not in leave_out}
    Guess = type("Guess", ScikitModelSvm.__bases__, members)
"""


def install(folder: Path, module: str, *, distribution: str = "guess-work", group: str = "pipeline.models") -> None:
    """Make a folder hold a distribution with one module and the entry point `Guess` to what it calls so."""
    name = distribution.replace("-", "_")
    (folder / f"{name}.py").write_text(dedent(module), encoding="utf-8")
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n", encoding="utf-8")
    (about / "entry_points.txt").write_text(f"[{group}]\nGuess = {name}:Guess\n", encoding="utf-8")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that modules and entry points are looked for in."""
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("guess_work", "a_guess", "b_guess"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return tmp_path


def make_models() -> Family[Model]:
    return Family("model", "pipeline.models", Model)


def test_every_class_stands_under_its_name() -> None:
    assert all(component.name == name for name, component in adapters.classes.items())
    assert {"WordFrequencyAdapter", "Word2VecAdapter"} <= set(adapters.classes)
    assert {"SpanDataset", "HoldoutSpanDataset", "RecentDataset"} <= set(datasets.classes)


def test_an_unknown_name_lists_what_is_known() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown name 'svm'; known are scikit_model_.* did you mean scikit_model_svm\?"
    ):
        models["svm"]


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("word2vecadapter", "did you mean Word2VecAdapter?"),
        ("Word2VecAdaptor", "did you mean Word2VecAdapter?"),
        ("word2vec", "did you mean Word2VecAdapter?"),
        ("zzz", ""),
        (None, ""),
    ],
)
def test_the_nearest_name_is_suggested_whatever_its_case(name: object, suggestion: str) -> None:
    assert suggest(name, adapters.classes) == suggestion


@pytest.mark.parametrize(
    ("name", "known", "suggestion"),
    [
        ("tags", ["dataset", "adapter", "model", "seed", "sample"], ""),
        ("size", ["dataset", "adapter", "model", "seed", "sample"], ""),
        ("limit", ["split", "classes"], ""),
        ("modle", ["dataset", "adapter", "model"], "did you mean model?"),
        ("models", ["dataset", "adapter", "model"], "did you mean model?"),
        ("rfb", ["linear", "poly", "rbf"], "did you mean rbf?"),
        ("scikit_model_xgboost", ["scikit_model_sgd", "scikit_model_mlp"], ""),
        ("scikit_model_svc", ["scikit_model_svm", "scikit_model_mlp"], "did you mean scikit_model_svm?"),
        ("scikit_modle_svm", ["scikit_model_svm", "scikit_model_mlp"], "did you mean scikit_model_svm?"),
        ("BertAdapter", ["TfidfAdapter", "Word2VecAdapter"], ""),
        ("begin_datetime_str", ["start_datetime_str", "end_datetime_str"], ""),
        ("strat_datetime_str", ["start_datetime_str", "end_datetime_str"], "did you mean start_datetime_str?"),
        ("kernle", ["kernel"], "did you mean kernel?"),
    ],
)
def test_only_what_is_near_is_suggested(name: str, known: list[str], suggestion: str) -> None:
    assert suggest(name, known) == suggestion


def test_of_names_that_hold_a_part_the_shortest_is_suggested() -> None:
    assert suggest("svm", ["scikit_model_linear_svm", "scikit_model_svm"]) == "did you mean scikit_model_svm?"


def test_a_class_of_another_distribution_is_registered_with_where_it_is_from(path: Path) -> None:
    install(path, GUESS)
    registry = make_models()

    assert registry["guess"].__module__ == "guess_work"
    assert registry.distributions == {"guess": "guess-work"}
    assert (registry.broken, [*registry.classes]) == ({}, sorted([*models.classes, "guess"]))


@pytest.mark.parametrize(
    ("module", "reason"),
    [
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("Gues = 1", "AttributeError: module 'guess_work' has no attribute 'Guess'"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def Guess(): pass", "TypeError: not a subclass of pipeline.models.base.Model"),
        ("class Guess: pass", "TypeError: not a subclass of pipeline.models.base.Model"),
        ("from pipeline.models.base import Model as Guess", "TypeError: it lacks classes, fit, fitted, "),
        (NAMELESS, "TypeError: it lacks name"),
        (
            GUESS + "    Guess.Options = dict",
            "TypeError: its Options are not a subclass of pipeline.components.options.OptionSchema",
        ),
        (GUESS + "    Guess.name = 'a guess'", "ValueError: its name 'a guess' must consist of letters"),
        (GUESS + "    Guess.name = 'scikit_model_svm'", "is taken by pipeline.models.scikit_model_svm"),
        (GUESS + "    Guess.short_name = 'Guess'", "ValueError: its short_name 'Guess' must consist of lower case"),
        (GUESS + "    Guess.libraries = ('numpy',)", "ValueError: its libraries must name guess-work"),
        (GUESS + "        class Options(OptionSchema):\n            depth: int", "option depth has no description"),
        (
            GUESS
            + "        class Options(OptionSchema):\n            deep: list[OptionSchema] = Field(description='Deep.')",
            "its option deep has a type of several parts",
        ),
    ],
)
def test_what_cannot_be_registered_is_told_of_and_harms_nothing_else(path: Path, module: str, reason: str) -> None:
    install(path, module)
    registry = make_models()

    with capture_logs() as logs:
        known = {*registry.classes}

    assert known == {*models.classes}
    assert reason in registry.broken["guess-work: Guess"]
    assert [(entry["entry"], entry["reason"]) for entry in logs] == [*registry.broken.items()]
    with pytest.raises(UnknownNameError) as caught:
        registry["guess"]
    assert f"unavailable: guess-work: Guess ({registry.broken['guess-work: Guess']})" in str(caught.value)


def test_of_two_that_claim_a_name_the_alphabetically_first_distribution_has_it(path: Path) -> None:
    install(path, GUESS.replace("guess_work", "b-guess"), distribution="b-guess")
    install(path, GUESS.replace("guess_work", "a-guess"), distribution="a-guess")
    registry = make_models()

    assert registry["guess"].__module__ == "a_guess"
    assert registry.broken == {"b-guess: Guess": "ValueError: the name guess is taken by a_guess"}


def test_a_reason_is_one_line_of_some_length(path: Path) -> None:
    install(path, "raise ValueError('one\\ntwo ' + 'x' * 1000)")
    registry = make_models()

    assert registry.classes
    reason = registry.broken["guess-work: Guess"]
    assert reason.startswith("ValueError: one two xxx")
    assert len(reason) == 300


def test_a_dataset_needs_no_libraries(path: Path) -> None:
    module = """
        from pipeline.datasets.span_dataset import SpanDataset

        class Guess(SpanDataset):
            name = "GuessDataset"
            short_name = "guess"
    """
    install(path, module, group="pipeline.datasets")
    registry: Family[Dataset] = Family("dataset", "pipeline.datasets", Dataset)

    assert (registry["GuessDataset"].__module__, registry.broken) == ("guess_work", {})
