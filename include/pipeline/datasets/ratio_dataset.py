"""The base of datasets that split one selection by a ratio."""

from abc import abstractmethod
from typing import Annotated, Literal

from pydantic import Field

from pipeline.components.options import ActiveWhen, Added, OptionSchema
from pipeline.datasets.base import Dataset
from pipeline.datasets.cuts import find_cut
from pipeline.datasets.narrowing import narrow
from pipeline.datasets.split import Split
from pipeline.datasets.splitting import split_at_random, split_by_time
from pipeline.examples.example import ExampleSource, Selection

TrainingRatio = Annotated[
    float,
    Field(
        gt=0,
        lt=1,
        description="Share of the examples that train, the oldest unless split says otherwise; the rest test.",
        json_schema_extra={"examples": [0.8]},
    ),
]


class SplitOptions(OptionSchema):
    """How a ratio splits examples.

    The seed is an option, not the run's seed: so a label says which examples test it, all its versions are scored on
    the same ones, and a plan can try several splits in one run.
    """

    split: Annotated[Literal["time", "random"], Added()] = Field(
        default="time",
        description="Whether the oldest examples train and the newest test, or each class is split at random.",
    )
    split_seed: Annotated[int, ActiveWhen("split", ("random",)), Added()] = Field(
        default=0,
        ge=0,
        le=2**32 - 1,
        description="Seeds the random split; it is the same for every seed of a run.",
    )


class RatioDataset(Dataset):
    """One selection, narrowed down by `SharedOptions` and split by `training_ratio` and `SplitOptions`."""

    @property
    @abstractmethod
    def selection(self) -> Selection:
        """The examples to fetch."""

    @property
    def selections(self) -> tuple[Selection]:
        return (self.selection,)

    @property
    def draw_seed(self) -> int | None:
        return self.options.split_seed if self.options.split == "random" else None

    @property
    def remedies(self) -> tuple[str, ...]:
        at_random = ["set split to random"] * (self.options.split == "time")
        return (*self._widen, "change training_ratio", *self.options.list_remedies(), *at_random)

    @property
    @abstractmethod
    def _widen(self) -> tuple[str, ...]:
        """How a user can select more examples."""

    def select(self, source: ExampleSource) -> Split:
        options = self.options
        (examples,), removed = narrow([self.fetch(source, self.selection)], options, self.name)
        if options.split == "random":
            return Split(*split_at_random(examples, options.training_ratio, options.split_seed), removed)
        training, testing = split_by_time(examples, options.training_ratio)
        return Split(training, testing, removed, find_cut(examples, len(training)))
