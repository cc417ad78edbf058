"""How the scores of a run grew: over the rungs of its search, or from fold to fold."""

from collections import defaultdict
from typing import Any, Final

from pipeline.cli.pictures.frame import LINE, Frame
from pipeline.cli.pictures.marks import ORDER, OTHER, TRAINED, Mark, choose_mark
from pipeline.cli.pictures.scales import fit
from pipeline.cli.pictures.terminal import find_width, print_picture

_ROWS: Final = 12
_WHOLE: Final = 1.5
"""Behind every part that a search tries, the largest of which may be 1."""
_STOPPED: Final = Mark(OTHER.character, OTHER.style, "not trained in full")
_MORE: Final = Mark("+", LINE, "more than there is room for")
_ORDER: Final = (_MORE, _STOPPED, *ORDER)

Column = list[tuple[float, Mark]]


def print_growth(found: dict[str, Any]) -> None:
    """Draw the scores of each step in a column of its own, a mark for each definition; nothing without steps.

    Args:
        found: what `find_trainings` returns.
    """
    grown = [each for each in found["definitions"] if each["steps"]]
    if not grown:
        return
    in_parts = found["steps_of"] == "parts"
    columns = _collect(grown, in_parts)
    is_reversed = found["metric"]["lower_is_better"]
    scores = [score for column in columns.values() for score, _ in column]
    frame = Frame(find_width(), fit(scores, _ROWS, is_reversed=is_reversed))
    room = max(2, frame.columns // len(columns))
    drawn = {mark for column in columns.values() for _, mark in column}
    names = {}
    for number, (at, column) in enumerate(columns.items()):
        names[number * room] = _name(at, in_parts)
        if _fill(frame, number * room, room - 1, column):
            drawn.add(_MORE)
    title = found["metric"]["title"]
    print_picture(
        f"How {title} grew in the search" if in_parts else f"The {title} of each fold",
        frame.render(names),
        [mark for mark in reversed(_ORDER) if mark in drawn],
        _conclude_search(found, grown) if in_parts else _conclude_folds(grown),
    )


def _collect(grown: list[dict[str, Any]], in_parts: bool) -> dict[float, Column]:
    """Return the scores of each step with the marks of their definitions, those that matter most first."""
    found: dict[float, Column] = defaultdict(list)
    for each in grown:
        mark = choose_mark(each, TRAINED if each["model"] else None)
        if in_parts and mark == OTHER:
            mark = _STOPPED
        elif not in_parts and mark == TRAINED:
            mark = OTHER
        for step in each["steps"]:
            found[step["at"]].append((step["score"], mark))
        if in_parts and each["model"]:
            found[_WHOLE].append((each["score"], mark))
    return {at: sorted(found[at], key=lambda item: -_ORDER.index(item[1])) for at in sorted(found)}


def _fill(frame: Frame, column: int, room: int, scores: Column) -> bool:
    """Write the marks of a step side by side in the rows of their scores; return whether some had no room."""
    rows: dict[int, list[Mark]] = defaultdict(list)
    for score, mark in scores:
        rows[frame.up.place(score)].append(mark)
    for row, marks in rows.items():
        shown = marks if len(marks) <= room else [*marks[: room - 1], _MORE]
        for offset, mark in enumerate(shown):
            frame.write(column + offset, row, mark.character, mark.style)
    return any(len(marks) > room for marks in rows.values())


def _name(at: float, in_parts: bool) -> str:
    if not in_parts:
        return f"fold {at:.0f}"
    return "in full" if at == _WHOLE else f"{100 * at:.0f} %"


def _conclude_search(found: dict[str, Any], grown: list[dict[str, Any]]) -> str:
    whole = sum(each["model"] is not None for each in grown)
    begun = f"{whole:,} of {len(grown):,} definitions were trained in full"
    best = next((each for each in grown if each["best"]), None)
    if best is None:
        return f"So far {begun}."
    first = best["steps"][0]
    sign = -1 if found["metric"]["lower_is_better"] else 1
    tried = [step["score"] for each in grown for step in each["steps"] if step["at"] == first["at"]]
    place = 1 + sum(sign * score > sign * first["score"] for score in tried)
    return (
        f"{begun}; the best of them, {best['label']}, was number {place:,} of {len(tried):,} with "
        f"{100 * first['at']:.0f} % of the training set. What was trained in full is scored on the examples "
        "that choose, which are not those that compare trials."
    )


def _conclude_folds(grown: list[dict[str, Any]]) -> str:
    best = next((each for each in grown if each["best"]), grown[0])
    folds = [step["score"] for step in best["steps"]]
    means = [each["score"] for each in grown]
    return (
        f"{best['label']}, the best, scores {min(folds):.3f} to {max(folds):.3f} from fold to fold; the means of all "
        f"{len(grown):,} models are {min(means):.3f} to {max(means):.3f}."
    )
