"""Examples held in memory, for datasets to select from."""

from datetime import UTC, datetime, timedelta

from pipeline.examples.example import ExampleSet, Selection

START = datetime(2016, 1, 1, tzinfo=UTC)


class ListSource:
    """A source that holds one collection's examples in memory and remembers what it was asked."""

    def __init__(self, examples: ExampleSet) -> None:
        self.examples = examples
        self.asked: list[Selection] = []

    def fetch(self, selection: Selection) -> ExampleSet:
        self.asked.append(selection)
        moments = self.examples.occurred_at
        return self.examples.take([row for row, at in enumerate(moments) if selection.start <= at < selection.end])


def make_set(*rows: str, minutes: int = 1) -> ExampleSet:
    """Return examples so many minutes apart, from the start of 2016; `a` has a text of its own, `a:x` the text x."""
    names = [row.partition(":")[0] for row in rows]
    texts = [row.partition(":")[2] or f"text {number}" for number, row in enumerate(rows)]
    moments = [START + timedelta(minutes=minutes * number) for number in range(len(rows))]
    return ExampleSet(texts, names, moments, [number.to_bytes(4) for number in range(len(rows))])


def list_rows(examples: ExampleSet) -> list[str]:
    """Return examples as `make_set` takes them, each with its text."""
    return [f"{example.classification}:{example.text}" for example in examples]
