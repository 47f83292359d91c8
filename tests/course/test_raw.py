"""The raw files: how many, whole, as long as they should be."""

import pytest
from astropy.io import fits

from mrskit import plan, products
from mrskit.bands import SETTINGS
from mrskit.errors import MrskitError

ROLES = pytest.mark.parametrize("role", ["source", "background"])


@ROLES
def test_every_dither_is_there_once(setting, role, claims, say):
    paths, expected = claims.raw(role, setting), claims.exposures(role, setting)
    dithers = sorted((int(header.get("OBSERVTN", 0)), int(header.get("PATT_NUM", 1))) for header in
                     map(fits.getheader, paths))  # fmt: skip
    if not paths and claims.card.is_real:
        pytest.skip(f"no {role} exposure of {setting.name} in this workspace")
    if len(paths) != expected or len(set(dithers)) != len(dithers):
        folder, numbers = claims.workspace.stage(role, "uncal"), [number for _, number in dithers]
        say(f"{folder} holds {len(paths)} raw files of {setting.name} (dithers {numbers}), expected {expected}: one "
            "for each dither. Make or fetch those that are missing, and take out those that are double.")  # fmt: skip


@ROLES
def test_the_number_of_raw_files(role, claims, say):
    settings = [SETTINGS[name] for name in claims.settings()]
    expected = sum(claims.exposures(role, setting) for setting in settings)
    found = len(products.find(claims.workspace.stage(role, "uncal"), "uncal"))
    if found != expected:
        rule = " ".join(f"Observation {item.number} as a whole has {item.settings_count} settings x {item.dithers} "
                        f"dithers = {item.uncal_count}." for item in claims.observations(role))  # fmt: skip
        say(f"{found} {role} raw files, expected {expected} for {', '.join(claims.settings())}. {rule}")


@ROLES
def test_the_raw_files_are_whole(setting, role, claims, say):
    problems = []
    for path in claims.raw(role, setting):
        try:
            products.check_uncal(path)
        except MrskitError as error:
            problems.append(str(error))
    if problems:
        say("\n".join(problems))


@ROLES
def test_the_exposures_are_as_long_as_planned(setting, role, claims, say):
    planned = claims.lengths(role)
    for path in claims.raw(role, setting):
        found = products.read_exposure(path)
        groups, integrations = found.groups, found.integrations
        if planned and (groups, integrations) not in planned:
            words = " or ".join(f"{one} x {other}" for one, other in sorted(planned))
            say(f"{path.name} has {groups} groups x {integrations} integrations, planned are {words}. "
                "It is of another profile or program.")  # fmt: skip
        expected = plan.photon_time(groups, integrations, readout=found.readout)
        if abs(found.photon_time - expected) > 0.01:
            say(f"{path.name} counts photons for {found.photon_time:.3f} s (EFFEXPTM); {groups} groups x "
                f"{integrations} integrations take {expected:.3f} s.")  # fmt: skip


@ROLES
def test_the_files_are_in_the_folder_of_their_role(role, claims, say):
    for path in products.find(claims.workspace.stage(role, "uncal"), "uncal"):
        laid_out = claims.card.adopted.get(path.name) or claims.card.fetched.get(path.name)  # not by BKGDTARG alone
        if (found := laid_out.role if laid_out else products.read_exposure(path).role) != role:
            say(f"{path} is a {found} exposure: move it to {claims.workspace.stage(found, 'uncal')}.")


def test_the_long_ramp_is_long_and_apart(claims, say):
    paths = products.find(claims.workspace.ramp, "uncal")
    if not paths:
        pytest.skip("this workspace has no long ramp")
    for path in paths:
        found = products.check_uncal(path)
        if found.groups != plan.LONG_RAMP_GROUPS:
            say(f"{path} has {found.groups} groups, expected {plan.LONG_RAMP_GROUPS}: shower detection needs them.")
        for role in ("source", "background"):
            if (claims.workspace.stage(role, "uncal") / path.name).exists():
                say(
                    f"{path.name} also stands among the {role} files, where it would be reduced with them: take it out."
                )
