"""`now` in a plan: a moment that each run pins, so that its definitions and labels mean the same for ever.

```text
the plan says   "before_datetime_str": ["now", "2026-6-1"]
a run means     "before_datetime_str": ["2026-12-01T09:30:15+00:00", "2026-6-1"]
```
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pipeline.components.options import Option
from pipeline.datasets import datasets
from pipeline.datasets.base import takes_now
from pipeline.datetimes import LONGEST_MOMENT, NOW

_SECTION = "dataset"


def pin_now(plan: Any, now: datetime | None = None) -> tuple[Any, datetime | None]:
    """Return a plan with a moment in place of each `now`, and the moment; None if the plan has no `now`.

    Args:
        plan: the JSON value of the plan, which need not be right; it is not changed.
        now: the moment, cut to whole seconds; by default the current time.
    """
    moment = (now or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    pinned = _Pinned(moment.isoformat())
    if isinstance(plan, dict):
        plan = {key: pinned.read_key(key, value) for key, value in plan.items()}
    return plan, moment if pinned.found else None


class _Pinned:
    """Writes a moment in place of `now`, and remembers whether there was any."""

    def __init__(self, moment: str) -> None:
        self._moment = moment
        self.found = False

    def read_key(self, key: Any, value: Any) -> Any:
        if key == _SECTION:
            return self._map(value, self._read_block)
        return self._map(value, self._read_rule) if key == "exclude" else value

    def _map(self, value: Any, read: Any) -> Any:
        return [read(each) for each in value] if isinstance(value, list) else read(value)

    def _read_block(self, block: Any) -> Any:
        if not isinstance(block, dict) or not isinstance(block.get("options"), dict):
            return block
        name = block.get("name")
        component = datasets.classes.get(name) if isinstance(name, str) else None
        known = component.options_by_name() if component else {}
        return block | {"options": self._read_options(block["options"], {name: [known[name]] for name in known})}

    def _read_rule(self, rule: Any) -> Any:
        if not isinstance(rule, dict):
            return rule
        known: dict[str, list[Option]] = {}
        for component in datasets.classes.values():
            for name, option in component.options_by_name().items():
                known.setdefault(f"{_SECTION}.options.{name}", []).append(option)
        return self._read_options(rule, known)

    def _read_options(self, options: dict[Any, Any], known: Mapping[str, list[Option]]) -> dict[Any, Any]:
        return {
            name: self._map(value, self._read_value) if any(map(takes_now, known.get(name, []))) else value
            for name, value in options.items()
        }

    def _read_value(self, value: Any) -> Any:
        if not isinstance(value, str) or value.strip() != NOW or len(value) > LONGEST_MOMENT:
            return value
        self.found = True
        return self._moment
