"""Whether Airflow has a value already, as far as it shows it: what may be secret it shows as `***`."""

import json
import re
from enum import IntEnum
from typing import Any

from pipeline.deployment.settings.schema import HIDDEN


class Likeness(IntEnum):
    """What a comparison found; of several, the greatest holds."""

    SAME = 0
    HIDDEN = 1
    DIFFERENT = 2


def compare(given: Any, shown: Any) -> Likeness:
    """Return whether a JSON value is what Airflow shows, may be what it hides, or is another one."""
    if isinstance(shown, str) and HIDDEN in shown:
        # Airflow hides secrets within longer texts too: postgresql://user:***@host
        pattern = ".*".join(re.escape(part) for part in shown.split(HIDDEN))
        text = given if isinstance(given, str) else json.dumps(given)
        return Likeness.HIDDEN if re.fullmatch(pattern, text, re.DOTALL) else Likeness.DIFFERENT
    if isinstance(given, dict) and isinstance(shown, dict) and given.keys() == shown.keys():
        return max((compare(given[key], shown[key]) for key in given), default=Likeness.SAME)
    if isinstance(given, list) and isinstance(shown, list) and len(given) == len(shown):
        return max(map(compare, given, shown), default=Likeness.SAME)
    same = type(given) is type(shown) and given == shown and not isinstance(given, dict | list)
    return Likeness.SAME if same else Likeness.DIFFERENT


def compare_texts(given: str, shown: str | None) -> Likeness:
    """Compare what Airflow stores as text and shows anew formatted where it is JSON."""
    return Likeness.DIFFERENT if shown is None else compare(_parse(given), _parse(shown))


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
