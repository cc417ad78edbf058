"""What a run of the DAG `prune` is asked for: its configuration, checked where it enters."""

from typing import Any, Final

from pipeline.environment import MOST_KEPT, Keep
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.findings import Findings
from pipeline.plans.values import find_unknown_keys
from pipeline.plans.wording import describe
from pipeline.stores.models.prune import Policy

DELETE: Final = "delete"
DAYS: Final = "days"
_LEAST: Final = {DAYS: 1, "best": 0, "of_recipe": 0}
OTHERWISE_DAYS: Final = 30
"""What the form shows if no setting says how many days to keep."""


class PruneRequestError(PlanError):
    """A request to prune that is wrong. Its `findings` are everything that is wrong in it, at least one."""

    subject = "the request"


def read_policy(conf: Any, settings: Keep) -> tuple[Policy, bool]:
    """Return the policy that a configuration asks for, and whether to delete; what it leaves out is from the settings.

    Raises:
        PruneRequestError: everything that is wrong in it.
    """
    if not isinstance(conf, dict):
        raise PruneRequestError([Finding("prune", f"got {describe(conf)}", "an object")])
    findings = Findings()
    find_unknown_keys(conf, (*_LEAST, DELETE), findings)
    given = {DAYS: settings.days or OTHERWISE_DAYS, "best": settings.best, "of_recipe": settings.of_recipe} | {
        name: value for name, value in conf.items() if name in _LEAST
    }
    for name, least in _LEAST.items():
        value = given[name]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_KEPT:
            findings.under(name).add(f"got {describe(value)}", f"a whole number from {least} to {MOST_KEPT}")
    delete = conf.get(DELETE, False)
    if not isinstance(delete, bool):
        findings.under(DELETE).add(f"got {describe(delete)}", "true or false")
    if not findings.clean:
        raise PruneRequestError([*findings])
    return Policy(given[DAYS], given["best"], given["of_recipe"]), delete
