"""Telling healthy from not yet and no more."""

from datetime import UTC, datetime

import pytest

from pipeline.deployment.health import _is_healthy
from pipeline.deployment.programs import API_SERVER, SCHEDULER
from pipeline.deployment.supervision import ProgramState

STARTED = datetime(2026, 1, 1, 12, tzinfo=UTC)


def state(name: str) -> ProgramState:
    return ProgramState(name, "RUNNING", 1, int(STARTED.timestamp()), "")


@pytest.mark.parametrize(
    ("beat", "healthy"),
    [
        ("2026-01-01T11:59:59+00:00", False),
        ("2026-01-01T12:00:00.900000+00:00", False),  # may be the predecessor's: starts are known to the second
        ("2026-01-01T12:00:01.100000+00:00", True),
    ],
)
def test_a_heartbeat_from_before_the_start_does_not_count(beat: str, healthy: bool) -> None:
    health = {"scheduler": {"status": "healthy", "latest_scheduler_heartbeat": beat}}

    assert _is_healthy(SCHEDULER, state("scheduler"), health) is healthy


def test_a_program_without_heartbeats_is_what_the_page_says() -> None:
    assert _is_healthy(API_SERVER, state("api-server"), {"metadatabase": {"status": "healthy"}})
    assert not _is_healthy(API_SERVER, state("api-server"), {"metadatabase": {"status": "unhealthy"}})
    assert not _is_healthy(API_SERVER, state("api-server"), {})
