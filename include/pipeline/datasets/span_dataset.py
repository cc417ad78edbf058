"""Examples that occurred within a span of time."""

from typing import ClassVar, Self

from pydantic import Field, model_validator

from pipeline.datasets.base import Dataset, Split
from pipeline.datetimes import DatetimeStr, parse_datetime
from pipeline.errors import TrainingError
from pipeline.examples.example import COLLECTION_PATTERN, ExampleSource, Selection
from pipeline.options import OptionSchema

_MOMENT = r"^\s*\d{4}-\d{1,2}-\d{1,2}([T ].*)?\s*$"
# In a schema, wider than the pattern that is checked: which letters \w means differs between languages.
_COLLECTION = r"^\S{1,100}$"


class SpanDataset(Dataset):
    """The examples of a collection in [start, end), UTC: the oldest `training_ratio` train, the newest test.

    The number of training examples is rounded to the nearest integer.
    """

    name: ClassVar[str] = "SpanDataset"
    short_name: ClassVar[str] = "span"

    class Options(OptionSchema):
        start_datetime_str: DatetimeStr = Field(
            description="First moment of the span, as year-month-day with or without a time; UTC unless offset.",
            json_schema_extra={"pattern": _MOMENT, "examples": ["2016-1-1", "2016-01-01T09:30+02:00"]},
        )
        end_datetime_str: DatetimeStr = Field(
            description="First moment after the span, in the same form.",
            json_schema_extra={"pattern": _MOMENT, "examples": ["2016-1-2", "2016-01-02T09:30+02:00"]},
        )
        training_ratio: float = Field(
            gt=0,
            lt=1,
            description="Share of the examples, the oldest, that train; the rest test.",
            json_schema_extra={"examples": [0.8]},
        )
        collection: str = Field(
            default="default",
            pattern=COLLECTION_PATTERN,
            json_schema_extra={"pattern": _COLLECTION, "examples": ["default", "news/2016"]},
            description="Which of the examples database's collections the examples come from: at most 100 letters, "
            "digits and signs of _ . : / -",
        )

        @model_validator(mode="after")
        def _check_order(self) -> Self:
            if parse_datetime(self.end_datetime_str) <= parse_datetime(self.start_datetime_str):
                raise ValueError(
                    f"end_datetime_str ({self.end_datetime_str}) must come after "
                    f"start_datetime_str ({self.start_datetime_str})"
                )
            return self

    @property
    def selections(self) -> tuple[Selection]:
        options = self.options
        start, end = map(parse_datetime, (options.start_datetime_str, options.end_datetime_str))
        return (Selection(options.collection, start, end),)

    def select(self, source: ExampleSource) -> Split:
        options = self.options
        examples = source.fetch(*self.selections)
        if not len(examples):
            raise TrainingError(
                self.name,
                f"collection {options.collection!r} holds no examples from {options.start_datetime_str} "
                f"up to {options.end_datetime_str}",
                next_step="see what it holds with `pipeline examples stats`",
            )
        training_count = round(len(examples) * options.training_ratio)
        return Split(examples[:training_count], examples[training_count:])
