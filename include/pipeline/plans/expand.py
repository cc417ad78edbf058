"""From a plan to its definitions, or to everything that is wrong in it.

Four steps, each in a module of its own: read the contents, count the space, make the components, describe the result.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import prod
from typing import Any

from pipeline.plans.contents import Contents, read_contents
from pipeline.plans.definition import Definition
from pipeline.plans.errors import Finding, PlanError
from pipeline.plans.expansion import Exclusion, Expansion, UnlistedError
from pipeline.plans.findings import Findings
from pipeline.plans.incompatible import find_incompatible
from pipeline.plans.inert import find_duplicates, find_inert
from pipeline.plans.limits import MAX_COMBINATIONS
from pipeline.plans.make import ComponentMaker
from pipeline.plans.now import pin_now
from pipeline.plans.rule import Rule
from pipeline.plans.settings import Settings
from pipeline.plans.space import Space, TooManyBoxesError
from pipeline.plans.survey import Survey, find_empty_selections
from pipeline.plans.unscored import find_unscored
from pipeline.plans.unsized import find_unsized
from pipeline.plans.wording import count_of

MOST_RAISED = 4_096
"""Raising `max_definitions` beyond this is not suggested."""

MOST_BLOCKS_LISTED = 1_000
"""A plan with more blocks is not looked at if only so many definitions may be listed."""


def expand(plan: Any, survey: Survey | None = None, most: int | None = None, now: datetime | None = None) -> Expansion:
    """Return what a plan means.

    Args:
        plan: the JSON value of the plan.
        survey: says whether the plan's spans have examples; None leaves that unchecked.
        most: how many definitions may be listed, which takes time; None means any number.
        now: what `now` means in the plan; by default the current time.

    Raises:
        PlanError: with everything that is wrong in the plan.
        UnlistedError: nothing is wrong so far, but the plan has more definitions than may be listed, or very many
            blocks; only with `most`.
    """
    findings = Findings()
    expansion = _expand(plan, survey, findings, most, now)
    if expansion is None:
        raise PlanError([*findings])
    return expansion


def check_plan(plan: Any, survey: Survey | None = None) -> list[Finding]:
    """Return everything that is wrong in a plan; an empty list means that it can be expanded."""
    findings = Findings()
    _expand(plan, survey, findings)
    return [*findings]


def check_shape(plan: Any) -> list[Finding]:
    """Return what is wrong in a plan by itself: as much as its JSON Schema can say, and days that do not exist.

    It takes time in proportion to the plan's text, because it counts no permutations and asks no database.
    """
    findings = Findings()
    read_contents(pin_now(plan)[0], findings)
    return [*findings]


def _expand(
    plan: Any, survey: Survey | None, findings: Findings, most: int | None = None, now: datetime | None = None
) -> Expansion | None:
    """Return what a plan means, or None if anything is wrong; `findings` then contains it."""
    pinned, moment = pin_now(plan, now)
    contents = read_contents(pinned, findings)
    if contents is None:
        return None
    if most is not None and findings.clean:
        _require_few_blocks(contents)
    space = _make_space(contents, findings)
    if space is None:
        return None
    if most is not None:
        _require_few(contents, space, most, findings)
    definitions = _define(contents, space, survey, findings)
    if not findings.clean or contents.settings is None:
        return None
    return replace(_describe(contents, contents.settings, space, definitions), now=moment)


def _make_space(contents: Contents, findings: Findings) -> Space | None:
    """Return the permutations of what could be read; a section without a right block is left out."""
    sections = [blocks for blocks in contents.sections if blocks]
    combinations = prod(map(len, sections))
    if combinations > MAX_COMBINATIONS:
        hint = "join blocks that differ in one option, or split it into several plans"
        findings.under("plan").add(f"{combinations:,} combinations of blocks", f"at most {MAX_COMBINATIONS:,}", hint)
        return None
    try:
        return Space(sections, contents.rules)
    except TooManyBoxesError:
        what = f"{count_of(len(contents.rules), 'rule')} over too many options to count what they leave"
        findings.under("exclude").add(what, "fewer rules, or shorter lists", "split it into several plans")
        return None


def _require_few_blocks(contents: Contents) -> None:
    """Raise `UnlistedError` if a plan has too many blocks to compare each with each in a short time."""
    blocks = sum(map(len, contents.sections))
    if blocks <= MOST_BLOCKS_LISTED:
        return
    permutations = prod(sum(prod(map(len, block.choices.values())) for block in each) for each in contents.sections)
    sample = contents.settings.sample if contents.settings else None
    count = permutations if sample is None else min(sample, permutations)
    raise UnlistedError(
        f"has {blocks:,} blocks", f"at most {MOST_BLOCKS_LISTED:,} are looked at here", permutations, count
    )


def _require_few(contents: Contents, space: Space, most: int, findings: Findings) -> None:
    """Raise `UnlistedError` if a plan without mistakes so far has more definitions than may be listed."""
    settings = contents.settings
    if settings is None or not findings.clean:
        return
    count = space.definitions if settings.sample is None else min(settings.sample, space.definitions)
    if most < count <= settings.max_definitions:  # more than that is a mistake
        raise UnlistedError(
            f"has {count:,} definitions", f"at most {most:,} are listed here", space.permutations, count
        )


def _define(contents: Contents, space: Space, survey: Survey | None, findings: Findings) -> list[Definition]:
    """Return the definitions, or none of them if something is wrong."""
    if all(contents.sections):
        findings.extend(find_incompatible(space))
        _check_count(contents, space, findings)
    maker, settings = ComponentMaker(space), contents.settings
    if not findings.clean or (settings and settings.sample is not None):
        maker.make_some()  # whether a plan is right must not depend on the sample
    definitions: list[Definition] = []
    if findings.clean and settings:
        drawn = space.list_permutations() if settings.sample is None else space.draw(settings.sample, settings.seed)
        definitions = [definition for each in drawn if (definition := maker.define(each)) is not None]
        findings.extend(find_unscored(settings.metric, maker.make_models()))
        findings.extend(find_unsized(settings.search, maker.make_models()))
    findings.extend(maker.findings)
    if survey is not None:
        findings.extend(find_empty_selections(maker.datasets, survey))
    return definitions


def _check_count(contents: Contents, space: Space, findings: Findings) -> None:
    """Add a finding if no definition is left, or more than the plan allows."""
    if not space.definitions:
        if contents.complete:
            what = f"excludes all {count_of(space.permutations, 'permutation')}"
            findings.under("exclude").add(what, "at least one left to train")
        return
    if contents.settings is None or not contents.rules_complete:  # a rule that is wrong might drop many
        return
    sample, most = contents.settings.sample, contents.settings.max_definitions
    count = space.definitions if sample is None else min(sample, space.definitions)
    if count > most:
        hint = 'shorten lists, "exclude" or "sample" some'
        if count <= MOST_RAISED:
            hint += ', or raise "max_definitions"'
        findings.under("max_definitions").add(f"{count:,} definitions", f"at most {most:,}", hint)


def _describe(contents: Contents, settings: Settings, space: Space, definitions: list[Definition]) -> Expansion:
    dropped = zip(contents.rules, space.excluded, strict=True)
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
            *_find_idle_rules(contents.rules, space),
            *find_inert(contents.sections, definitions, collapse=settings.collapse_inert),
        ],
    )


def _find_idle_rules(rules: Sequence[Rule], space: Space) -> list[Finding]:
    """Return a warning for each rule that drops no permutation."""
    reasons = {
        True: "every permutation that it matches is dropped by an earlier rule",
        False: "no permutation meets all of its conditions",
    }
    return [
        Finding(rule.path, "drops nothing", reasons[matched > 0], "fix it, or leave it out")
        for rule, dropped, matched in zip(rules, space.excluded, space.matched, strict=True)
        if not dropped
    ]
