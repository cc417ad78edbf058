"""How long the steps of a training worked."""

import time

from structlog.testing import capture_logs

from pipeline.training.train import Steps


def test_what_a_step_waits_for_others_is_none_of_its_seconds() -> None:
    waited = [0.0]
    steps = Steps(lambda: waited[0])

    with capture_logs() as logs, steps.timed("fit_adapter"):
        time.sleep(0.05)
        waited[0] += 0.04
    with steps.timed("adapt"):
        time.sleep(0.05)

    assert 0.01 <= steps.seconds["fit_adapter"] < steps.seconds["adapt"]
    assert logs[0]["seconds"] == steps.seconds["fit_adapter"]
