"""From a plan to its definitions, or to everything that is wrong in it."""

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from pipeline.plans.blocks import Block, explain_value, find_unknown_keys, read_section
from pipeline.plans.definition import SECTIONS, Definition
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.exclude import Rule, read_rules
from pipeline.plans.expansion import Exclusion, Expansion
from pipeline.plans.inert import find_duplicates, find_inert
from pipeline.plans.parts import Parts, find_misfits
from pipeline.plans.settings import SETTINGS, Settings
from pipeline.plans.space import MAX_COMBINATIONS, Space, TooManyPiecesError
from pipeline.plans.wording import count_of, describe, join

KEYS = (*SECTIONS, "exclude", *SETTINGS)


def expand(plan: Any) -> Expansion:
    """Return what a plan means.

    Raises:
        PlanError: with everything that is wrong in the plan.
    """
    findings: list[Finding] = []
    expansion = _expand(plan, findings)
    if findings or expansion is None:
        raise PlanError(findings)
    return expansion


def check_plan(plan: Any) -> list[Finding]:
    """Return all that is wrong in a plan, in the plan's order; an empty list means that it can be expanded."""
    findings: list[Finding] = []
    _expand(plan, findings)
    return findings


def _expand(plan: Any, findings: list[Finding]) -> Expansion | None:
    if not isinstance(plan, dict):
        findings.append(Finding("plan", f"got {describe(plan)}", f"an object with {join(SECTIONS)}"))
        return None
    findings += find_unknown_keys("", plan, KEYS)
    sections = []
    for section, registry in SECTIONS.items():
        if section in plan:
            sections.append(read_section(section, plan[section], registry, findings))
        else:
            findings.append(Finding(section, "missing", 'a section such as {"name": …, "options": {…}}'))
    rules = read_rules(plan.get("exclude", []), findings)
    settings = _read_settings(plan, findings)
    if findings or settings is None:
        return None
    space = _make_space(sections, rules, findings)
    if space is None or not _check_space(space, settings, findings):
        return None
    parts = Parts(space)
    if settings.sample is not None:  # whether a plan is good must not hang on what is drawn: look at more than that
        parts.look()
    drawn = space.list_permutations() if settings.sample is None else space.draw(settings.sample, settings.seed)
    definitions = [definition for each in drawn if (definition := parts.define(each)) is not None]
    findings += parts.findings
    return None if findings else _describe(space, rules, settings, sections, definitions, parts.dataset_paths)


def _read_settings(plan: dict[str, Any], findings: list[Finding]) -> Settings | None:
    found = {}
    for name, option in SETTINGS.items():
        if name in plan:
            try:
                found[name] = option.parse(plan[name])
            except (ValidationError, OverflowError) as error:
                findings.append(explain_value(name, option, plan[name], error))
    return None if findings else Settings(**found)


def _make_space(sections: list[list[Block]], rules: list[Rule], findings: list[Finding]) -> Space | None:
    combinations = 1
    for blocks in sections:
        combinations *= len(blocks)
    if combinations > MAX_COMBINATIONS:
        what = f"{combinations:,} combinations of blocks"
        findings.append(Finding("plan", what, f"at most {MAX_COMBINATIONS:,}", "split it into several plans"))
        return None
    try:
        return Space(sections, rules)
    except TooManyPiecesError:
        what = f"{count_of(len(rules), 'rule')} over too many options to count what they leave"
        findings.append(Finding("exclude", what, "fewer rules, or shorter lists", "split it into several plans"))
        return None


def _check_space(space: Space, settings: Settings, findings: list[Finding]) -> bool:
    """Find what is wrong with the permutations as a whole; return whether they can be made into definitions."""
    findings += find_misfits(space)
    if not space.definitions:
        what = f"excludes all {count_of(space.permutations, 'permutation')}"
        findings.append(Finding("exclude", what, "at least one left to train"))
        return False
    count = space.definitions if settings.sample is None else min(settings.sample, space.definitions)
    if count <= settings.max_definitions:
        return True
    hint = 'shorten lists, "exclude" or "sample" some' + (', or raise "max_definitions"' if count <= 100_000 else "")
    findings.append(Finding("max_definitions", f"{count:,} definitions", f"at most {settings.max_definitions:,}", hint))
    parts = Parts(space)
    parts.look()
    findings += parts.findings
    return False


def _describe(
    space: Space,
    rules: Sequence[Rule],
    settings: Settings,
    sections: Sequence[Sequence[Block]],
    definitions: list[Definition],
    dataset_paths: dict[str, str],
) -> Expansion:
    exclusions = [Exclusion(rule.written, dropped) for rule, dropped in zip(rules, space.excluded, strict=True)]
    if settings.sample is not None:
        exclusions.append(Exclusion({"sample": settings.sample}, space.definitions - len(definitions)))
    duplicates = find_duplicates(definitions)
    return Expansion(
        settings=settings,
        permutations=space.permutations,
        exclusions=exclusions,
        repeated=space.repeated,
        definitions=definitions,
        duplicates=duplicates if settings.collapse_inert else {},
        dataset_paths=dataset_paths,
        same_model=len(duplicates),
        warnings=[
            *_find_idle_rules(rules, space),
            *find_inert(sections, definitions, collapse=settings.collapse_inert),
        ],
    )


def _find_idle_rules(rules: Sequence[Rule], space: Space) -> list[Finding]:
    """Return a warning for each rule that drops nothing."""
    reasons = {
        True: "every permutation that it matches is dropped by an earlier rule",
        False: "no permutation meets all of its conditions",
    }
    return [
        Finding(rule.path, "drops nothing", reasons[matched > 0], "mend it, or leave it out")
        for rule, dropped, matched in zip(rules, space.excluded, space.matched, strict=True)
        if not dropped
    ]
