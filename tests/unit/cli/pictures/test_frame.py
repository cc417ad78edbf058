"""Pictures of characters: what is where between the axes."""

from pipeline.cli.pictures.frame import Frame, name_ticks
from pipeline.cli.pictures.scales import Scale

WIDTH = 24


def make_frame() -> Frame:
    return Frame(WIDTH, Scale(0, 1, 5), [0, 0.5, 1])


def test_a_picture_has_its_marks_between_its_axes() -> None:
    frame = make_frame()
    frame.write(0, 0, "a")
    frame.write(18, 4, "b")
    frame.write(4, 2, "c")

    assert frame.render(name_ticks(Scale(0, 10, frame.columns), 2)).plain.splitlines() == [
        "1.0 ┤                  b",
        "    │",
        "0.5 ┤    c",
        "    │",
        "0.0 ┤a",
        "    └┬────────┬────────┬",
        "     0        5       10",
    ]


def test_a_line_goes_to_the_right_before_it_goes_up_or_down() -> None:
    frame = make_frame()
    frame.draw_steps([(0, 0), (3, 3), (6, 1), (8, 1)])

    lines = [line.partition("┤")[2] or line.partition("│")[2] for line in frame.render({}).plain.splitlines()[:5]]

    assert lines == ["", "    ──┐", "   │  │", "   │   ──", " ──┘"]


def test_what_has_no_room_is_left_out() -> None:
    frame = make_frame()
    frame.write(frame.columns - 2, 0, "abc")
    frame.write(0, 5, "above")

    shown = frame.render({0: "first", 3: "second", 9: "third", frame.columns - 1: "last"}).plain

    assert shown.splitlines()[4].endswith("ab")
    assert "above" not in shown
    assert shown.splitlines()[-1].split() == ["first", "third", "last"]
    assert max(map(len, shown.splitlines())) == WIDTH


def test_what_is_drawn_later_covers_what_was_there() -> None:
    frame = make_frame()
    frame.write(0, 0, "───")
    frame.write(1, 0, "●", "green")

    assert frame.render({}).plain.splitlines()[4] == "0.0 ┤─●─"
