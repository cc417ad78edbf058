"""A collector for what is wrong in a plan."""

from collections.abc import Iterable, Iterator
from typing import Self

from pipeline.plans.errors import MOST_PRINTED, Finding
from pipeline.plans.wording import place


class Findings:
    """Collects what is wrong in a plan, or in one part of it, in the order in which it is found.

    A function that reads a part of the plan gets a collector for that part. What it adds is also in the collectors of
    the parts around it, up to the whole plan's:

        findings = Findings()  # the whole plan's
        block = findings.under("model").item(1)  # that of model[1]
        block.under("name").add("missing", "one of scikit_model_svm, …")
        findings.under("seed").add("got true", "input should be a valid integer")

        [str(each) for each in findings]
        # ['model[1].name: missing; one of scikit_model_svm, ….',
        #  'seed: got true; input should be a valid integer.']
        block.clean  # False
        findings.under("adapter").clean  # True: a new collector is always clean

    Args:
        path: the place of the part in the plan; the whole plan has none.
        around: the collector of the part around it.
    """

    __slots__ = ("_around", "_found", "path")

    def __init__(self, path: str = "", around: Self | None = None) -> None:
        self.path = path
        self._around = around
        self._found: list[Finding] = []

    def under(self, key: object) -> "Findings":
        """Return a new collector for the value of a key."""
        return Findings(place(self.path, key), self)

    def item(self, index: int) -> "Findings":
        """Return a new collector for an item of a list."""
        return Findings(f"{self.path}[{index}]", self)

    def add(self, what: str, allowed: str = "", suggestion: str = "") -> None:
        """Add a finding at this place; the arguments are those of `Finding`."""
        self.extend([Finding(self.path, what, allowed, suggestion)])

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings, each with a place of its own."""
        found = [*findings]
        self._found += found
        if self._around is not None:
            self._around.extend(found)

    @property
    def clean(self) -> bool:
        """Whether nothing has been added to this collector or to one made from it."""
        return not self._found

    @property
    def crowded(self) -> bool:
        """Whether the whole plan has more findings than are printed: a slow search for a suggestion is then useless."""
        return len(self._found) >= MOST_PRINTED if self._around is None else self._around.crowded

    def __iter__(self) -> Iterator[Finding]:
        return iter(self._found)
