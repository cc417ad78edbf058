"""From a plan to its definitions, or to everything that is wrong in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pipeline.plans.blocks import Block, explain_value, find_unknown_keys, read_section
from pipeline.plans.definition import SECTIONS, Definition
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.exclude import Rule, read_rules
from pipeline.plans.expansion import Exclusion, Expansion
from pipeline.plans.inert import find_duplicates, find_inert
from pipeline.plans.limits import LONGEST_ADDRESS, MAX_COMBINATIONS
from pipeline.plans.parts import Parts, find_misfits
from pipeline.plans.settings import SETTINGS, Settings
from pipeline.plans.space import Space, TooManyPiecesError
from pipeline.plans.wording import count_of, describe, join
from pipeline.runs.stored import find_empty_selections

if TYPE_CHECKING:
    from pipeline.stores.examples.survey import ExamplesSurvey

KEYS = (*SECTIONS, "exclude", *SETTINGS)
SCHEMA_KEY = "$schema"
"""What editors read to find a file's JSON Schema; it means nothing to us."""

MOST_RAISED = 4_096  # beyond it, a larger cap is no advice


def expand(plan: Any, survey: "ExamplesSurvey | None" = None) -> Expansion:
    """Return what a plan means.

    Args:
        survey: tells whether the plan's spans hold examples; without one nobody looks.

    Raises:
        PlanError: with everything that is wrong in the plan.
    """
    findings: list[Finding] = []
    expansion = _expand(plan, findings, survey)
    if findings or expansion is None:
        raise PlanError(findings)
    return expansion


def check_plan(plan: Any, survey: "ExamplesSurvey | None" = None) -> list[Finding]:
    """Return all that is wrong in a plan; an empty list means that it can be expanded."""
    findings: list[Finding] = []
    _expand(plan, findings, survey)
    return findings


def check_shape(plan: Any) -> list[Finding]:
    """Return what is wrong in a plan by itself: as much as its JSON Schema can say, and days that do not exist.

    It takes time in proportion to the plan's text: permutations are not looked at, nor databases.
    """
    findings: list[Finding] = []
    _read_plan(plan, findings)
    return findings


@dataclass(frozen=True)
class _Reading:
    """What could be read of a plan: blocks without the values that are wrong, rules that are right.

    `rules_read` tells that these are all the rules, `whole` that nothing in the plan was wrong.
    """

    sections: list[list[Block]]
    rules: list[Rule]
    settings: Settings | None
    rules_read: bool
    whole: bool


def _expand(plan: Any, findings: list[Finding], survey: "ExamplesSurvey | None") -> Expansion | None:
    reading = _read_plan(plan, findings)
    if reading is None:
        return None
    space = _make_space(reading, findings)
    if space is None:
        return None
    definitions = _define(reading, space, findings, survey)
    return None if findings or reading.settings is None else _describe(reading, reading.settings, space, definitions)


def _read_plan(plan: Any, findings: list[Finding]) -> _Reading | None:
    if not isinstance(plan, dict):
        findings.append(Finding("plan", f"got {describe(plan)}", f"an object with {join(SECTIONS)}"))
        return None
    if not plan:
        hint = "the trigger form shows one, and `pipeline plan schema` tells what can be in it"
        findings.append(Finding("plan", "there is none", f"an object with {join(SECTIONS)}", hint))
        return None
    _check_address(plan, findings)
    return _read({key: value for key, value in plan.items() if key != SCHEMA_KEY}, findings)


def _read(plan: dict[str, Any], findings: list[Finding]) -> _Reading:
    findings += find_unknown_keys("", plan, KEYS)
    sections: list[list[Block]] = []
    for section, family in SECTIONS.items():
        if section in plan:
            sections.append(read_section(section, plan[section], family, findings))
        else:
            sections.append([])
            findings.append(Finding(section, "missing", 'a section such as {"name": …, "options": {…}}'))
    before = len(findings)
    rules = read_rules(plan.get("exclude", []), findings)
    rules_read = len(findings) == before
    settings = _read_settings(plan, findings)
    return _Reading(sections, rules, settings, rules_read, not findings)


def _check_address(plan: dict[str, Any], findings: list[Finding]) -> None:
    """Look at `$schema`, which means nothing to us, but to editors."""
    address = plan.get(SCHEMA_KEY, "")
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        allowed = f"the address of a JSON Schema, a text of at most {LONGEST_ADDRESS:,} characters"
        findings.append(Finding(SCHEMA_KEY, f"got {describe(address)}", allowed, "leave it out"))


def _read_settings(plan: dict[str, Any], findings: list[Finding]) -> Settings | None:
    found, before = {}, len(findings)
    for name, option in SETTINGS.items():
        if name in plan:
            try:
                found[name] = option.parse(plan[name])
            except (ValidationError, OverflowError) as error:
                findings.append(explain_value(name, option, plan[name], error))
    return Settings(**found) if len(findings) == before else None


def _make_space(reading: _Reading, findings: list[Finding]) -> Space | None:
    """Return the permutations of what could be read; a section of which nothing could is left out."""
    sections = [blocks for blocks in reading.sections if blocks]
    combinations = prod(map(len, sections))
    if combinations > MAX_COMBINATIONS:
        what = f"{combinations:,} combinations of blocks"
        hint = "join blocks that differ in one option, or split it into several plans"
        findings.append(Finding("plan", what, f"at most {MAX_COMBINATIONS:,}", hint))
        return None
    try:
        return Space(sections, reading.rules)
    except TooManyPiecesError:
        what = f"{count_of(len(reading.rules), 'rule')} over too many options to count what they leave"
        findings.append(Finding("exclude", what, "fewer rules, or shorter lists", "split it into several plans"))
        return None


def _define(
    reading: _Reading, space: Space, findings: list[Finding], survey: "ExamplesSurvey | None"
) -> list[Definition]:
    """Return the definitions, or none where something is wrong with the permutations."""
    if all(reading.sections):
        findings += find_misfits(space)
        findings += _find_wrong_count(reading, space)
    parts = Parts(space)
    definitions: list[Definition] = []
    if findings or (reading.settings and reading.settings.sample is not None):
        parts.look()  # whether a plan is good must not hang on what is drawn
    if not findings and reading.settings:
        sample, seed = reading.settings.sample, reading.settings.seed
        drawn = space.list_permutations() if sample is None else space.draw(sample, seed)
        definitions = [definition for each in drawn if (definition := parts.define(each)) is not None]
    findings += parts.findings
    if survey is not None:
        findings += find_empty_selections(parts.datasets, survey)
    return definitions


def _find_wrong_count(reading: _Reading, space: Space) -> list[Finding]:
    """Return a finding where nothing is left, or more than the plan's cap."""
    if not space.definitions:
        what = f"excludes all {count_of(space.permutations, 'permutation')}"
        return [Finding("exclude", what, "at least one left to train")] if reading.whole else []
    if reading.settings is None or not reading.rules_read:  # a rule that could not be read may drop many
        return []
    sample, most = reading.settings.sample, reading.settings.max_definitions
    count = space.definitions if sample is None else min(sample, space.definitions)
    if count <= most:
        return []
    hint = 'shorten lists, "exclude" or "sample" some'
    if count <= MOST_RAISED:
        hint += ', or raise "max_definitions"'
    return [Finding("max_definitions", f"{count:,} definitions", f"at most {most:,}", hint)]


def _describe(reading: _Reading, settings: Settings, space: Space, definitions: list[Definition]) -> Expansion:
    dropped = zip(reading.rules, space.excluded, strict=True)
    exclusions = [Exclusion(rule.written, permutations) for rule, permutations in dropped]
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
        same_model=len(duplicates),
        warnings=[
            *_find_idle_rules(reading.rules, space),
            *find_inert(reading.sections, definitions, collapse=settings.collapse_inert),
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
