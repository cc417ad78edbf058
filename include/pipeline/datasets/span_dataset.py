"""Examples that occurred within a span of time."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from pipeline.components import OptionSchema
from pipeline.datasets.base import Dataset, Split
from pipeline.datetimes import DatetimeStr, parse_datetime
from pipeline.errors import TrainingError
from pipeline.examples.example import COLLECTION_PATTERN, ExampleSource

_MOMENT = {"pattern": r"^\s*\d{4}-\d{1,2}-\d{1,2}([T ].*)?$", "examples": ["2016-1-1", "2016-01-01T09:30+02:00"]}


class SpanDataset(Dataset):
    """The examples of a collection in [start, end), UTC: the oldest `training_ratio` train, the newest test.

    The number of training examples is rounded to the nearest integer.
    """

    name: ClassVar[str] = "SpanDataset"
    short_name: ClassVar[str] = "span"

    class Options(OptionSchema):
        start_datetime_str: DatetimeStr = Field(
            description="First moment of the span, as year-month-day with or without a time; UTC unless offset.",
            json_schema_extra=_MOMENT,  # type: ignore[arg-type]
        )
        end_datetime_str: DatetimeStr = Field(
            description="First moment after the span, in the same form.",
            json_schema_extra=_MOMENT,  # type: ignore[arg-type]
        )
        training_ratio: float = Field(
            gt=0, lt=1, description="Share of the examples, the oldest, that train; the rest test."
        )
        collection: str = Field(
            default="default",
            pattern=COLLECTION_PATTERN,
            description="Which of the examples database's collections the examples come from.",
        )

        @model_validator(mode="after")
        def _check_order(self) -> Self:
            if parse_datetime(self.end_datetime_str) <= parse_datetime(self.start_datetime_str):
                raise ValueError(
                    f"end_datetime_str ({self.end_datetime_str}) must come after "
                    f"start_datetime_str ({self.start_datetime_str})"
                )
            return self

    def select(self, source: ExampleSource) -> Split:
        options = self.options
        examples = source.fetch(
            options.collection,
            parse_datetime(options.start_datetime_str),
            parse_datetime(options.end_datetime_str),
        )
        if not len(examples):
            raise TrainingError(
                self.name,
                f"collection {options.collection!r} holds no examples from {options.start_datetime_str} "
                f"up to {options.end_datetime_str}",
                next_step="see what it holds with `pipeline examples stats`",
            )
        training_count = round(len(examples) * options.training_ratio)
        return Split(examples[:training_count], examples[training_count:])
