"""The data of a workspace: its raw files against the plan, and the reference files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mrskit import observed, plan, products
from mrskit.bands import SETTINGS, settings
from mrskit.card import Card
from mrskit.checkup.computer import Finding
from mrskit.errors import MrskitError
from mrskit.references import context as crds_context, own_cache
from mrskit.workspace import ROLES, Workspace, advice, is_foreign


def raw_files(workspace: Workspace) -> tuple[Finding, ...]:
    """
    Return, for source and background, whether every planned raw file exists, is complete, and has the planned length.

    The plan comes from ``workspace.json`` for simulated data, and from the real program otherwise.
    """
    observations = {item.role for item in observed.of(workspace).observations}
    return tuple(_raw_files(workspace, role) for role in ROLES if role in observations)


def raw_counts(space: Workspace) -> Iterator[Finding]:
    """Return, for source and background, the raw files by setting, compared with the program (24 and 12)."""
    remedy, card = _raw_remedy(space, "mrskit start (makes them, 3 minutes)"), _expected_card(space)
    told = observed.of(space) if card.is_real else plan.program()
    for role in ROLES:
        program = next((item for item in told.observations if item.role == role), None)
        if program is None:
            continue
        counts = {name: 0 for name in SETTINGS}
        strange = 0
        for path in products.find(space.stage(role, "uncal"), "uncal"):
            try:
                counts[products.read_setting(path).name] += 1
            except MrskitError:
                strange += 1
        total, wanted = sum(counts.values()), program.uncal_count
        planned = {name: _planned(space, card, role, name) for name in card.settings}
        found = ", ".join(f"{name} {count} of {program.dithers}" for name, count in counts.items() if count) or "none"
        found += f"; {strange} unreadable" if strange else ""
        whole = not strange and total > 0 and all(counts.get(name, 0) >= count for name, count in planned.items())
        expected = f"{sum(planned.values())} for the course; {wanted} in the whole program"
        yield Finding(f"{role} raw files", f"{total}: {found}", expected, whole, remedy)


def crds(workspace: Workspace) -> Finding:
    """Return whether CRDS will find reference files, either the workspace's own or those of the environment."""
    card = workspace.card()
    pinned = card.crds
    named = card.own_references or (pinned.path if pinned else "")
    folder = named or os.environ.get("CRDS_PATH", "")
    own = bool(folder) and bool(own_cache.read_card(Path(folder)))
    known = os.environ.get("CRDS_CONTEXT", "the server's newest")
    context = own_cache.CONTEXT if own else pinned.context if pinned else known
    if not named:
        problem = crds_context.environment_problem()
    elif pinned and not card.own_references:
        problem = crds_context.cache_problem(Path(folder), pinned.context, pinned.server)
    else:
        problem = "" if Path(folder).is_dir() else "no folder of reference files"
    real = f"Run 'mrskit references --real {workspace.root}'."
    remedy = crds_context.references_gone(workspace) or (
        real if is_foreign(workspace.root) else f"Run 'mrskit references'. For real data: {real}")  # fmt: skip
    return Finding("CRDS", problem or f"{context} in {Path(folder).name}", "a folder of reference files", not problem,
                   remedy)  # fmt: skip


def references(space: Workspace) -> Finding:
    """Return whether all reference files for the data of the workspace exist."""
    card = space.card()
    if is_foreign(space.root) or (os.environ.get("CRDS_PATH") and not space.has_card):
        return crds(space)
    folder = Path(card.references or own_cache.default_folder())
    names = list(card.settings) or ["12:SHORT", "34:SHORT"]
    whole = own_cache.has_settings(folder, [SETTINGS[name] for name in names if name in SETTINGS])
    found = f"{'complete' if whole else 'not there' if not folder.is_dir() else 'incomplete'} for {', '.join(names)}"
    return Finding("CRDS, the kit's own cache", found, f"reference files in {folder}", whole,
                   f"mrskit references --settings {','.join(names)} --out {folder}")  # fmt: skip


def _raw_remedy(workspace: Workspace, simulate: str) -> str:
    """Return the remedy for missing or broken raw files; ``simulate`` is the remedy for simulated data."""
    if not is_foreign(workspace.root):
        return simulate
    again = f"Fetch the missing or broken files: mrskit fetch --out {workspace.root}."
    return again if products.find(workspace.stage("source", "uncal"), "uncal") else advice(workspace.root)


def _raw_files(workspace: Workspace, role: str) -> Finding:
    folder = workspace.stage(role, "uncal")
    name, remedy = f"{role} raw files", _raw_remedy(workspace, "Run 'mrskit simulate' again.")
    whole, problems = [], []
    for path in products.find(folder, "uncal"):
        try:
            whole.append(products.check_uncal(path))
        except MrskitError as error:
            problems.append(str(error))
    card = workspace.card()
    names = card.settings or sorted({exposure.setting.name for exposure in whole}) or ["12:SHORT"]
    expected = sum(_planned(workspace, card, role, setting) for setting in names)
    length = _length(workspace, card, role)
    short = [item for item in whole if (item.groups, item.integrations) != length]
    problems += [f"{item.path.name}: {item.groups} groups x {item.integrations}" for item in short]
    found = f"{len(whole)} whole files" + (f"; {problems[0]}" if problems else "")
    text = f"{expected} files of {length[0]} groups x {length[1]} integration{'s' if length[1] > 1 else ''}"
    return Finding(name, found, text, len(whole) == expected and not problems, remedy)


def _expected_card(workspace: Workspace) -> Card:
    """Return the card of a workspace; if it does not describe its data, add those of the default demo."""
    from mrskit.lessons import demo

    card = workspace.card() if workspace.has_card else Card(dithers=demo.DITHERS, profile="quick")
    return card if card.settings else replace(card, settings=tuple(item.name for item in settings(demo.SETTINGS)))


def _planned(workspace: Workspace, card: Card, role: str, setting: str) -> int:
    """Return the planned number of exposures of a setting."""
    if setting not in SETTINGS:
        return 0
    if setting in card.dithers:
        return card.dithers[setting][list(ROLES).index(role)]
    if profile := _profile(card):
        return profile.source_dithers if role == "source" else profile.background_dithers
    return next((item.dithers for item in observed.of(workspace).observations if item.role == role), 0)


def _profile(card: Card) -> plan.Profile | None:
    """Return the profile of simulated data; None for real data, whose length the program determines."""
    return plan.profile(card.profile) if card.profile and not card.is_real else None


def _length(workspace: Workspace, card: Card, role: str) -> tuple[int, int]:
    """Return the planned numbers of groups and integrations."""
    item = _profile(card) or observed.of(workspace).observation(role)
    return item.groups, item.integrations
