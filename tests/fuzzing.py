"""How often tests try what they draw at random: seconds' worth of it, or `FUZZ` times as often, as `make fuzz` does."""

import os

import pytest
from hypothesis import HealthCheck, settings

FUZZ = int(os.environ.get("FUZZ", "1"))
patiently = pytest.mark.timeout(1200 * FUZZ)


def tries(few: int) -> settings:
    """Return Hypothesis's settings for a test that tries as many inputs, times `FUZZ`."""
    slow = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    return settings(max_examples=few * FUZZ, deadline=None, suppress_health_check=slow)
