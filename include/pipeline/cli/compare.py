"""`pipeline models compare`"""

from typing import Annotated, Any

import typer

from pipeline.cli.connect import connections
from pipeline.cli.leaderboard import describe_testing_set, format_interval, format_marks, print_marks
from pipeline.cli.output import AsJson, print_json, print_line, print_table
from pipeline.errors import PipelineError
from pipeline.stores.models.read import MARK


def compare(
    models: Annotated[
        list[str], typer.Argument(metavar="MODEL", help="Two to six: a label, label@3 for version 3, or @alias.")
    ],
    testing_set: Annotated[
        str,
        typer.Option(
            metavar="DIGEST",
            help="The digest of the testing set to compare on, or how it begins; by default the one that tested all of "
            "them, else the newest that all of them have answered.",
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Compare models on the same examples: those of their training, or of an evaluation."""
    from pipeline.registry.comparison import FEWEST, MOST, compare_models

    if not FEWEST <= len(models) <= MOST:
        raise PipelineError("models", f"{len(models)} named", f"{FEWEST} to {MOST}")
    found = compare_models(connections().models_db, models, testing_set)
    if as_json:
        told = ("testing_set", "testing_sets", "scores", "options", "classes", "pairs")
        named = [{"label": model["label"], "version": model["version"]} for model in found["models"]]
        print_json({"models": named} | {name: found[name] for name in told})
        return
    names = [f"{model['label']}{MARK}{model['version']}" for model in found["models"]]
    _print_scores(names, found)
    _print_pairs(names, found["pairs"])
    print_marks([each for each in found["scores"] if each])


def _print_scores(names: list[str], found: dict[str, Any]) -> None:
    rows = []
    for name, scores in zip(names, found["scores"], strict=True):
        known = scores or {}
        interval, marks = format_interval(known.get("accuracy_interval")), format_marks(known.get("marks"))
        rows.append((name, known.get("accuracy"), marks, interval, known.get("macro_f1"), known.get("evaluated_at")))
    print_table(("model", "accuracy", "marks", "95 % interval", "macro F1", "evaluated"), rows)
    if found["testing_set"]:
        print_line(describe_testing_set(found["testing_set"]))
        return
    sets = {(model["testing_set"] or {}).get("digest"): model["testing_set"] for model in found["models"]}
    if len(sets) > 1:
        print_line("These accuracies do not compare: no testing set was answered by all of these models. To score them")
        print_line(f"on the same examples: `pipeline evaluate {' '.join(names)} --from TIME`")
    for testing_set in sets.values():
        print_line(describe_testing_set(testing_set))


def _print_pairs(names: list[str], pairs: list[dict[str, Any]]) -> None:
    known = [pair for pair in pairs if pair["p_value"] is not None]
    if not known:
        return
    rows = []
    for pair in known:
        first, second = names[pair["first"]], names[pair["second"]]
        better = first if pair["only_first_right"] > pair["only_second_right"] else second
        result = "tie" if pair["tie"] else f"{better} is better"
        only = (pair["only_first_right"], pair["only_second_right"])
        rows.append((first, second, *only, f"{pair['p_value']:.4f}", result))
    print_line("")
    print_table(("first", "second", "first only", "second only", "p-value", "result"), rows)
    print_line("first only: examples that only the first has right; exact McNemar test, p of 0.05 or more is a tie")
