"""The rungs of a search: with how much each round tries how many definitions."""

from dataclasses import dataclass

from pipeline.search.settings import Search


@dataclass(frozen=True)
class Rung:
    """One round of a search.

    Attributes:
        part: the share of the whole that each definition is tried with, above 0 and below 1.
        entrants: how many definitions are tried, if none of them fails.
        places: how many of them go on.
    """

    part: float
    entrants: int
    places: int

    @property
    def share(self) -> str:
        """The part as a fraction, such as `1/9`."""
        return f"1/{round(1 / self.part)}"


def list_rungs(count: int, search: Search) -> list[Rung]:
    """Return the rungs before the whole, smallest part first.

    They are counted back from the whole: each has the `factor`-th part of the next one. There is one as long as it is
    no smaller than `smallest`, and as one definition of the last rung is left:

    ```text
    48 definitions, factor 3, smallest 0.1     1/9: 48, of which 16 go on    1/3: 16, of which 5 go on
    4 definitions, factor 3, smallest 0.1      1/3: 4, of which 1 goes on
    2 definitions                              no rung: both are trained
    ```

    Args:
        count: how many definitions there are.
        search: what the plan says.
    """
    number = 0
    while search.factor ** (number + 1) <= min(count, 1 / search.smallest):
        number += 1
    return [
        Rung(
            part=1 / search.factor ** (number - each),
            entrants=count // search.factor**each,
            places=count // search.factor ** (each + 1),
        )
        for each in range(number)
    ]
