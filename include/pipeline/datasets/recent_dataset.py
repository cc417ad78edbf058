"""The examples of the last days before a given time."""

from datetime import timedelta
from typing import ClassVar, Self

from pydantic import Field, model_validator

from pipeline.datasets.ratio_dataset import RatioDataset, SplitOptions, TrainingRatio
from pipeline.datasets.shared import SharedOptions, describe_moment
from pipeline.datetimes import DatetimeStr, parse_datetime
from pipeline.examples.example import Selection


class RecentDataset(RatioDataset):
    """The examples of a collection in [before - days, before), UTC: the oldest `training_ratio` train, the newest test.

    A plan may write `now` for the end; its definitions have the moment at which the run was triggered, so that a
    definition always means the same. Other values of `days` also test on other examples. To find out how far back
    examples help, compare several training spans with one testing span in `HoldoutSpanDataset`.
    """

    name: ClassVar[str] = "RecentDataset"
    short_name: ClassVar[str] = "recent"

    class Options(SharedOptions, SplitOptions):
        days: float = Field(
            ge=0.001,
            le=36_500,
            description="How long the span is, in days of 24 hours.",
            json_schema_extra={"examples": [30]},
        )
        before_datetime_str: DatetimeStr = Field(
            description="First moment after the span, as year-month-day with or without a time; UTC unless offset. A "
            "plan may also write now: the moment at which the run is triggered.",
            json_schema_extra=describe_moment("2016-1-2", "2016-01-02T09:30+02:00", now=True),
        )
        training_ratio: TrainingRatio

        @model_validator(mode="after")
        def _check_start(self) -> Self:
            try:
                parse_datetime(self.before_datetime_str) - timedelta(days=self.days)
            except OverflowError:
                raise ValueError(
                    f"{self.days:g} days before before_datetime_str ({self.before_datetime_str}) "
                    "the calendar has not begun"
                ) from None
            return self

    @property
    def selection(self) -> Selection:
        options = self.options
        end = parse_datetime(options.before_datetime_str)
        return Selection(options.collection, end - timedelta(days=options.days), end)

    @property
    def _widen(self) -> tuple[str, ...]:
        return ("choose more days",)
