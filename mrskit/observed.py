"""Derive the plan of an MRS program from the headers of its exposures, without the proposal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import tomli_w
from astropy.io import fits

from mrskit.bands import SUBBANDS
from mrskit.errors import PlanError
from mrskit.plan import Observation, Program, program as course_program, read_program
from mrskit.products import find
from mrskit.resources import manifest_folder
from mrskit.workspace import ROLES, Workspace, write_text

FILE = "program.toml"  # a workspace's program, if it is not the course's


def of(workspace: Workspace) -> Program:
    """
    Return a workspace's program, from ``program.toml`` or the headers of real data, otherwise the course's.

    The redshift of real data is that on the workspace's card, or NaN if it is unknown.
    """
    card = workspace.card()
    found = course_program() if card.simulated and not (workspace.root / FILE).is_file() else _told(workspace)
    return found if card.redshift is None or not card.is_real else replace(found, redshift=card.redshift)


def _told(workspace: Workspace) -> Program:
    path = workspace.root / FILE
    if path.is_file():
        return read_program(path)
    headers, roles = _headers(workspace)
    if all(int(header.get("PROGRAM", course_program().id)) == course_program().id for header in headers):
        return course_program()
    return program(headers, roles)


def _headers(workspace: Workspace) -> tuple[list[Mapping], dict[int, str]]:
    """Return the headers of the exposures (raw, or else reduced), and each observation's role from its folder."""
    for stage, suffix in (("uncal", "uncal"), ("stage1", "rate"), ("stage2", "cal"), ("stage3", "s3d")):
        if files := {item: role for role in ROLES for item in find(workspace.stage(role, stage), suffix)}:
            break
    headers = {item: fits.getheader(item) for item in files}
    return list(headers.values()), {int(headers[item].get("OBSERVTN", 0)): role for item, role in files.items()}


def differences(workspace: Workspace) -> list[str]:
    """Return the differences between headers of real exposures and their program's plan in ``data_manifest``."""
    headers, roles = _headers(workspace)
    if not headers or not workspace.card().is_real:
        return []
    seen = program(headers, roles)
    path = manifest_folder() / f"program_{seen.id}.toml"
    planned = {item.number: item for item in read_program(path).observations} if path.is_file() else {}
    said = list(remarks(headers))
    for item in seen.observations if planned else ():
        if item.number not in planned:
            said.append(f"Observation {item.number} is not in the plan of program {seen.id}.")
            continue
        for name in ("role", "readout", "groups", "integrations", "dithers", "channels", "bands"):
            here, there = getattr(item, name), getattr(planned[item.number], name)
            if here != there:
                said.append(f"Observation {item.number}: {name} is {here} by the headers, {there} by the plan.")
    return said


def program(headers: Iterable[Mapping], roles: Mapping[int, str]) -> Program:
    """
    Return the program that the primary headers of raw MRS exposures describe.

    Parameters
    ----------
    roles : mapping
        Number of an observation -> ``source`` or ``background``.

    Raises
    ------
    PlanError
        If there are no exposures, or they are from several programs.
    """
    headers = list(headers)
    try:
        return _program(headers, roles)
    except KeyError as error:
        raise PlanError(
            f"the headers of {len(headers)} exposures do not give a plan: one lacks {error}", missing=str(error)
        ) from error


def _program(headers: list[Mapping], roles: Mapping[int, str]) -> Program:
    numbers = {int(header["PROGRAM"]) for header in headers}
    if len(numbers) != 1:
        raise PlanError(f"exposures of {len(numbers)} programs ({sorted(numbers)}); expected one program",
                        found=sorted(numbers))  # fmt: skip
    groups: dict[int, list[Mapping]] = {}
    for header in headers:
        groups.setdefault(int(header["OBSERVTN"]), []).append(header)
    order = sorted(groups, key=lambda number: (roles[number] != "source", number))
    first = groups[order[0]][0]
    activity = {str(header["BAND"]): f"{header['VISITGRP']}{header['SEQ_ID']}{header['ACT_ID']}" for header in headers}
    return Program(
        numbers.pop(), str(first.get("TITLE", "")), str(first.get("TARGNAME", "") or first.get("TARGPROP", "")),
        math.nan, float(first["TARG_RA"]), float(first["TARG_DEC"]),
        tuple(_observation(number, roles[number], groups[number]) for number in order), activity,
    )  # fmt: skip


def write(program: Program, path: Path) -> None:
    """Write a program as a TOML file that `plan.program` reads."""
    table = asdict(program)
    activity, observations = table.pop("activity"), table.pop("observations")
    text = tomli_w.dumps(table | {"observation": observations, "activity": activity})
    write_text(path, "# Read from the headers of the exposures.\n" + text)


def remarks(headers: Iterable[Mapping]) -> tuple[str, ...]:
    """Return a remark for every observation whose exposures differ in length, because a plan has only one length."""
    groups: dict[int, list[Mapping]] = {}
    for header in headers:
        groups.setdefault(int(header["OBSERVTN"]), []).append(header)
    said = []
    for number, some in sorted(groups.items()):
        if len(lengths := _lengths(some)) > 1:
            words = ", ".join(f"{count} with {readout} {ngroups} x {nints}"
                              for (readout, ngroups, nints), count in lengths.most_common())  # fmt: skip
            said.append(f"observation {number}: exposures differ in length ({words}); the plan has the most frequent")
    return tuple(said)


def _lengths(headers: Iterable[Mapping]) -> Counter:
    """Count the combinations of readout, number of groups and number of integrations."""
    return Counter((header["READPATT"], int(header["NGROUPS"]), int(header["NINTS"])) for header in headers)


def _observation(number: int, role: str, headers: list[Mapping]) -> Observation:
    [((readout, ngroups, nints), _)] = _lengths(headers).most_common(1)
    first = headers[0]
    dithers = {int(header.get("PATT_NUM", 1)) for header in headers}
    channels = sorted({str(header["CHANNEL"]) for header in headers})
    subbands = [name for name in SUBBANDS if any(header["BAND"] == name for header in headers)]
    return Observation(
        number=number, role=role, label=str(first.get("OBSLABEL", "")), target=str(first.get("TARGPROP", "")),
        readout=readout, groups=ngroups, integrations=nints, dithers=max(len(dithers), int(first.get("NUMDTHPT", 1))),
        pattern=str(first.get("PATTTYPE", "")), optimized_for=str(first.get("DITHOPFR", "")),
        direction=str(first.get("DITHDIRC", "")), channels="ALL" if len(channels) == 2 else channels[0],
        bands="ALL" if len(subbands) == 3 else ",".join(subbands),
    )  # fmt: skip
