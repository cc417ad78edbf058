"""Training examples of one span of time, testing examples of another."""

from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from pipeline.datasets.base import Dataset
from pipeline.datasets.narrowing import narrow
from pipeline.datasets.shared import SharedOptions, describe_moment
from pipeline.datasets.split import Split
from pipeline.datetimes import DatetimeStr, parse_datetime
from pipeline.examples.example import ExampleSource, Selection


class HoldoutSpanDataset(Dataset):
    """The examples of a collection in one span train and those in another test: [start, end) each, in UTC.

    The spans do not overlap; either may be the earlier. `max_examples` and `min_examples_per_class` count training
    examples; testing examples of classes that are left out are left out too.
    """

    name: ClassVar[str] = "HoldoutSpanDataset"
    short_name: ClassVar[str] = "holdout"

    class Options(SharedOptions):
        training_start_datetime_str: DatetimeStr = Field(
            description="First moment of the span that trains, as year-month-day with or without a time; UTC unless "
            "offset.",
            json_schema_extra=describe_moment("2016-1-1", "2016-01-01T09:30+02:00"),
        )
        training_end_datetime_str: DatetimeStr = Field(
            description="First moment after the span that trains.",
            json_schema_extra=describe_moment("2016-1-2", "2016-01-02T09:30+02:00"),
        )
        testing_start_datetime_str: DatetimeStr = Field(
            description="First moment of the span that tests.",
            json_schema_extra=describe_moment("2016-1-2", "2016-01-02T09:30+02:00"),
        )
        testing_end_datetime_str: DatetimeStr = Field(
            description="First moment after the span that tests.",
            json_schema_extra=describe_moment("2016-1-3", "2016-01-03T09:30+02:00"),
        )

        @model_validator(mode="after")
        def _check_training_order(self) -> Self:
            return self._check_order("training")

        @model_validator(mode="after")
        def _check_testing_order(self) -> Self:
            return self._check_order("testing")

        def _check_order(self, part: str) -> Self:
            start, end = (getattr(self, f"{part}_{name}_datetime_str") for name in ("start", "end"))
            if parse_datetime(end) <= parse_datetime(start):
                raise PydanticCustomError(
                    f"{part}_order",
                    "{part}_end_datetime_str ({end}) must come after {part}_start_datetime_str ({start})",
                    {"part": part, "start": start, "end": end},
                )
            return self

        @model_validator(mode="after")
        def _check_apart(self) -> Self:
            training = (self.training_start_datetime_str, self.training_end_datetime_str)
            testing = (self.testing_start_datetime_str, self.testing_end_datetime_str)
            moments = [*map(parse_datetime, training + testing)]
            if moments[0] < moments[3] and moments[2] < moments[1]:
                raise PydanticCustomError(
                    "overlap",
                    "the span that tests ({testing}) must not overlap the span that trains ({training})",
                    {"training": " up to ".join(training), "testing": " up to ".join(testing)},
                )
            return self

    @property
    def selections(self) -> tuple[Selection, Selection]:
        options = self.options
        training = map(parse_datetime, (options.training_start_datetime_str, options.training_end_datetime_str))
        testing = map(parse_datetime, (options.testing_start_datetime_str, options.testing_end_datetime_str))
        return Selection(options.collection, *training), Selection(options.collection, *testing)

    @property
    def remedies(self) -> tuple[str, ...]:
        return ("widen the spans", *self.options.list_remedies())

    def select(self, source: ExampleSource) -> Split:
        first, second = self.selections
        found = [self.fetch(source, selection) for selection in (first, second)]
        in_time = (0, 1) if first.start < second.start else (1, 0)
        (training, testing), removed = narrow(found, self.options, self.name, in_time)
        return Split(training, testing, removed)
