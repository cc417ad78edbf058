"""Examples that occurred within a span of time."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from pipeline.datasets.ratio_dataset import RatioDataset, SplitOptions, TrainingRatio
from pipeline.datasets.shared import SharedOptions, describe_moment
from pipeline.datetimes import DatetimeStr, parse_datetime
from pipeline.examples.example import Selection


class SpanDataset(RatioDataset):
    """The examples of a collection in [start, end), UTC: the oldest `training_ratio` train, the newest test.

    The number of training examples is rounded to the nearest integer. If that cuts among examples of the same time, a
    random draw based on their texts decides which of them train. If `split` is random, the number is rounded for each
    class, and every class of two or more examples has at least one in each set.
    """

    name: ClassVar[str] = "SpanDataset"
    short_name: ClassVar[str] = "span"

    class Options(SharedOptions, SplitOptions):
        start_datetime_str: DatetimeStr = Field(
            description="First moment of the span, as year-month-day with or without a time; UTC unless offset.",
            json_schema_extra=describe_moment("2016-1-1", "2016-01-01T09:30+02:00"),
        )
        end_datetime_str: DatetimeStr = Field(
            description="First moment after the span, in the same form.",
            json_schema_extra=describe_moment("2016-1-2", "2016-01-02T09:30+02:00"),
        )
        training_ratio: TrainingRatio

        @model_validator(mode="after")
        def _check_order(self) -> Self:
            if parse_datetime(self.end_datetime_str) <= parse_datetime(self.start_datetime_str):
                raise ValueError(
                    f"end_datetime_str ({self.end_datetime_str}) must come after "
                    f"start_datetime_str ({self.start_datetime_str})"
                )
            return self

    @property
    def selection(self) -> Selection:
        options = self.options
        start, end = map(parse_datetime, (options.start_datetime_str, options.end_datetime_str))
        return Selection(options.collection, start, end)

    @property
    def _widen(self) -> tuple[str, ...]:
        return ("widen the span",)
