"""The models of a run by score and training seconds, and which of them are worth their cost."""

from typing import Any, Final

from pipeline.cli.pictures.frame import Frame, name_ticks
from pipeline.cli.pictures.marks import FRONT, FRONT_LINE, ORDER, choose_mark
from pipeline.cli.pictures.scales import fit, fit_costs
from pipeline.cli.pictures.terminal import capitalise, find_width, format_seconds, print_picture

_ROWS: Final = 15
COST: Final = "training_seconds"


def print_costs(found: dict[str, Any]) -> None:
    """Draw each model of a run at its cost and score, with the front of those that no other beats for less.

    Args:
        found: what `find_trainings` returns, with at least one model.
    """
    metric = found["metric"]
    models = [each for each in found["definitions"] if each["model"]]
    front = {label: place for place, label in enumerate(found["fronts"][COST])}
    marks = {each["label"]: choose_mark(each, FRONT if each["label"] in front else None) for each in models}
    frame = Frame(find_width(), fit([each["score"] for each in models], _ROWS, is_reversed=metric["lower_is_better"]))
    across = fit_costs([each[COST] for each in models], frame.columns)
    places = {each["label"]: (across.place(each[COST]), frame.up.place(each["score"])) for each in models}
    corners = [places[label] for label in front]
    frame.draw_steps([*corners, (frame.columns - 1, corners[-1][1])])
    for each in sorted(models, key=lambda each: ORDER.index(marks[each["label"]])):
        mark = marks[each["label"]]
        frame.write(*places[each["label"]], mark.character, mark.style)
    scale = "training seconds, each step the same factor" if across.is_logarithmic else "training seconds"
    print_picture(
        f"{capitalise(metric['title'])} by {scale}",
        frame.render(name_ticks(across, frame.most_ticks)),
        [*(mark for mark in reversed(ORDER) if mark in marks.values()), FRONT_LINE],
        _conclude(models),
    )


def _conclude(models: list[dict[str, Any]]) -> str:
    best = models[0]
    ties = [each for each in models if each["best"] or each["tie"]]
    told = _tell(best)
    if len(models) == 1:
        return f"The only model is {told}."
    if all(each["tie"] is None for each in models):
        return f"The best is {told}; whether others tie with it is not known, because their answers are not stored."
    cheapest = min(ties, key=lambda each: each[COST])
    if cheapest["best"]:
        return f"Nothing cheaper ties with the best, {told}."
    return f"The cheapest that ties with the best is {_tell(cheapest)}; the best is {told}."


def _tell(model: dict[str, Any]) -> str:
    return f"{model['label']} ({format_seconds(model[COST])}, {model['score']:.3f})"
