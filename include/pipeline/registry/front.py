"""Which models are worth their cost: those that no other beats in score without costing more."""

from collections.abc import Sequence


def find_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return the places of the points that no other point beats, the cheapest first (the Pareto front).

    A point beats another if it costs no more and scores no less, and one of the two is better. Of equal points none
    beats the other.

    ```text
    score
      |        c   d      a, b, c are on the front: d costs more than c and scores the same
      |   b
      | a    e            e costs more than b and scores less
      +--------------- cost
    ```

    Args:
        points: cost and score of each; a higher score is better.
    """
    order = sorted(range(len(points)), key=lambda place: (points[place][0], -points[place][1]))
    front: list[int] = []
    for place in order:
        if not front or points[place][1] > points[front[-1]][1] or points[place] == points[front[-1]]:
            front.append(place)
    return front
