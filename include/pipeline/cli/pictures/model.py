"""The pictures of a model: its scores by class, its confusions, and whether its probabilities can be trusted."""

from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.output import print_line
from pipeline.cli.pictures.frame import LINE, Frame, name_ticks
from pipeline.cli.pictures.marks import Mark
from pipeline.cli.pictures.scales import Scale
from pipeline.cli.pictures.terminal import find_width, print_picture
from pipeline.plans.wording import count_of
from pipeline.visible import escape_harmful

if TYPE_CHECKING:
    from rich.table import Table

LARGEST: Final = 10
_NO_CURVES: Final = (
    "Without probabilities there is no picture of reliability: the model gives none, or is of an early version."
)
_ROWS: Final = 11
_RELIABILITY_WIDTH: Final = 56
"""About square: a cell of a terminal is twice as high as it is wide."""
_FEW: Final = 0.05
_MANY_ANSWERS: Final = Mark("●", "bold green", "answers that are this sure")
_FEW_ANSWERS: Final = Mark("○", "cyan", "fewer than 5 % of the answers")
_DIAGONAL: Final = Mark("·", LINE, "probabilities to be taken at their word")


def print_model(scores: dict[str, Any], curves: dict[str, Any] | None) -> None:
    """Draw a model's scores on its testing set.

    Args:
        scores: as they are stored.
        curves: of its probabilities; None if it gives none.
    """
    print_classes(scores["per_class"])
    print_confusions(scores["classes"], scores["confusion_matrix"])
    if not curves or not curves["reliability"]:
        print_line(f"\n{_NO_CURVES}")
    else:
        print_reliability(curves)


def print_classes(per_class: dict[str, dict[str, Any]]) -> None:
    """Draw the F1 of every class as a bar, the lowest first."""
    from rich.bar import Bar

    rows = sorted(per_class.items(), key=lambda item: (item[1]["f1"], item[0]))
    table = _make_table(names=1)
    for name, part in rows:
        bar = Bar(1, 0, part["f1"])
        table.add_row(_name(name), bar, f"{part['f1']:.3f}", f"{part['support']:,}")
    name, worst = rows[0]
    print_picture(
        "F1 by class, with the number of testing examples",
        table,
        (),
        f"The lowest is {name}: F1 {worst['f1']:.3f}, precision {worst['precision']:.3f}, "
        f"recall {worst['recall']:.3f}, of {count_of(worst['support'], 'testing example')}.",
    )


def print_confusions(classes: list[str], matrix: list[list[int]]) -> None:
    """Draw the most frequent confusions of two classes as bars."""
    from rich.bar import Bar

    confusions = sorted(
        (
            (count, count / sum(row), truth, answer)
            for truth, row in zip(classes, matrix, strict=True)
            for answer, count in zip(classes, row, strict=True)
            if count and answer != truth
        ),
        key=lambda each: (-each[0], -each[1], each[2:]),
    )
    if not confusions:
        print_line("\nIt confuses no two classes of the testing set.")
        return
    table = _make_table(names=2)
    for count, share, truth, answer in confusions[:LARGEST]:
        bar = Bar(confusions[0][0], 0, count)
        table.add_row(_name(truth), _name(f"→ {answer}"), bar, f"{count:,}", f"{100 * share:.0f} %")
    count, share, truth, answer = confusions[0]
    wrong = sum(each[0] for each in confusions)
    drawn = sum(each[0] for each in confusions[:LARGEST])
    print_picture(
        "The largest confusions: true class → answer, examples, share of the true class",
        table,
        (),
        f"Most often {truth} is answered as {answer}: {count_of(count, 'example')}, {100 * share:.0f} % of the class. "
        f"Drawn are {100 * drawn / wrong:.0f} % of {count_of(wrong, 'wrong answer')}.",
    )


def print_reliability(curves: dict[str, Any]) -> None:
    """Draw how often answers are right by how sure the model was, above the line on which both are equal."""
    groups = curves["reliability"]
    answers = sum(each["count"] for each in groups)
    frame = Frame(min(find_width(), _RELIABILITY_WIDTH), Scale(0, 1, _ROWS), [0, 0.2, 0.4, 0.6, 0.8, 1])
    across = Scale(0, 1, frame.columns)
    for column in range(frame.columns):
        frame.write(column, frame.up.place(column / (frame.columns - 1)), _DIAGONAL.character, _DIAGONAL.style)
    for each in sorted(groups, key=lambda each: each["count"]):
        mark = _MANY_ANSWERS if each["count"] >= _FEW * answers else _FEW_ANSWERS
        frame.write(across.place(each["confidence"]), frame.up.place(each["accuracy"]), mark.character, mark.style)
    sure, right = (sum(each["count"] * each[name] for each in groups) / answers for name in ("confidence", "accuracy"))
    print_picture(
        "Share of right answers by their probability",
        frame.render(name_ticks(across, 6)),
        (_MANY_ANSWERS, _FEW_ANSWERS, _DIAGONAL),
        f"On average it is {100 * sure:.1f} % sure, and {100 * right:.1f} % of its answers are right; the mean "
        f"distance from the line is {curves['calibration_error']:.3f} (expected calibration error).",
    )


def _make_table(names: int) -> "Table":
    """Return a table with columns of names, a bar that takes what is left of the width, and two numbers."""
    from rich.table import Table

    table = Table.grid(padding=(0, 1), expand=True)
    width = find_width()
    for _ in range(names):
        table.add_column(no_wrap=True, max_width=width // (names + 1), overflow="ellipsis")
    table.add_column(ratio=1, min_width=width // 8)
    for _ in range(2):
        table.add_column(justify="right", no_wrap=True)
    return table


def _name(text: str) -> Any:
    from rich.text import Text

    return Text(escape_harmful(text).replace("\n", " ").replace("\t", " "))
