"""What the DAG `prune` may be asked for, and everything that is wrong in what it may not."""

from typing import Any

import pytest

from pipeline.environment import Keep
from pipeline.runs.prune_request import PruneRequestError, read_policy
from pipeline.stores.models.prune import Policy

SETTINGS = Keep.read({"PIPELINE_KEEP_DAYS": "90", "PIPELINE_KEEP_BEST": "5"})


@pytest.mark.parametrize(
    ("conf", "settings", "policy", "delete"),
    [
        ({}, SETTINGS, Policy(90, 5, 0), False),
        ({}, Keep.read({}), Policy(30, 3, 0), False),
        ({"days": 7, "best": 0, "of_recipe": 2, "delete": True}, SETTINGS, Policy(7, 0, 2), True),
    ],
)
def test_what_is_left_out_is_from_the_settings(
    conf: dict[str, Any], settings: Keep, policy: Policy, delete: bool
) -> None:
    assert read_policy(conf, settings) == (policy, delete)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(PruneRequestError) as caught:
        read_policy({"day": 300, "Delete": True, "days": 0, "best": True, "of_recipe": "1", "delete": "yes"}, SETTINGS)

    told = {finding.path: finding.suggestion or finding.allowed for finding in caught.value.findings}
    assert {*told} == {"day", "Delete", "days", "best", "of_recipe", "delete"}
    assert "days" in told["day"]
    assert told["days"] == "a whole number from 1 to 36500"
    assert told["delete"] == "true or false"


@pytest.mark.parametrize("conf", [[], "days", 3])
def test_what_is_no_object_is_refused(conf: Any) -> None:
    with pytest.raises(PruneRequestError, match="an object"):
        read_policy(conf, SETTINGS)
