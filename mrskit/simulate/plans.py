"""The exposures to simulate: those of a profile of the course's program, or those of a different program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mrskit.bands import Setting
from mrskit.errors import SimulationError
from mrskit.plan import LONG_RAMP_GROUPS, Profile, Program, program as own_program
from mrskit.simulate.headers import Plan

LONG_RAMP_OBSERVATION = 6  # number in the long ramp's file name, different from the program's two observations


def exposure_plans(
    settings: Iterable[Setting], profile: Profile, extras: bool, dithers: Mapping[str, tuple[int, int]]
) -> list[Plan]:
    """
    Return the exposures of a profile: source and background exposures of every setting, and the long ramp.

    Raises
    ------
    SimulationError
        If more exposures are requested than the pattern has positions.
    """
    plans, settings = [], tuple(settings)
    for setting in settings:
        limits = {"source": profile.source_dithers, "background": profile.background_dithers}
        wanted = dict(zip(limits, dithers.get(setting.name, tuple(limits.values())), strict=True))
        for role, limit in limits.items():
            if not 0 <= wanted[role] <= limit:
                raise SimulationError(
                    f"{setting.name}: {wanted[role]} {role} exposures requested, expected 0 to {limit}",
                    found=wanted[role],
                )
            observation = own_program().observation(role)
            plans += [
                Plan(setting, observation, observation.number, index + 1, limit, profile.groups, profile.integrations)
                for index in range(wanted[role])
            ]
    short = next((setting for setting in settings if setting.channels == "12"), None)
    if extras and short is not None:
        source = own_program().observation("source")
        plans.append(Plan(short, source, LONG_RAMP_OBSERVATION, 1, 1, LONG_RAMP_GROUPS, 1))
    return plans


def program_plans(program: Program, settings: Sequence[Setting]) -> list[Plan]:
    """Return the exposures of a program's observations in some settings, with their planned lengths."""
    return [
        Plan(setting, item, item.number, dither, item.dithers, item.groups, item.integrations)
        for item in program.observations
        for setting in settings
        if item.has(setting)
        for dither in range(1, item.dithers + 1)
    ]
