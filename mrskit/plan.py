"""The plan of observations: exposures, dithers, groups and integrations, and the exposure times."""

from __future__ import annotations

import csv
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mrskit.bands import SETTINGS, Setting
from mrskit.errors import PlanError
from mrskit.resources import manifest_folder

FRAME_TIME = {"FASTR1": 2.77504, "SLOWR1": 23.88992}  # s between two groups of the full array


@dataclass(frozen=True, slots=True)
class Observation:
    """One observation of the program, with the exposure parameters of one MRS detector."""

    number: int
    role: str  # "source" or "background"
    label: str
    target: str
    readout: str
    groups: int
    integrations: int
    dithers: int
    pattern: str
    optimized_for: str
    direction: str
    channels: str
    bands: str

    @property
    def exposure_time(self) -> float:
        """Time per band, s, as in APT: groups and the resets between integrations, for all dithers."""
        return exposure_time(self.groups, self.integrations, self.dithers, self.readout)

    @property
    def photon_time(self) -> float:
        """Photon-collecting time per band, s (sum of the keyword EFFEXPTM), for all dithers."""
        return photon_time(self.groups, self.integrations, self.dithers, self.readout)

    @property
    def uncal_count(self) -> int:
        """Number of MRS uncal files: one per detector, sub-band and dither, each with two bands."""
        return self.settings_count * self.dithers

    def has(self, setting: Setting) -> bool:
        """Return whether a detector setting was observed."""
        return self.channels in ("ALL", setting.channels) and (
            self.bands == "ALL" or setting.subband in self.bands.split(",")
        )

    @property
    def settings_count(self) -> int:
        """Number of detector settings: detectors times sub-bands, six for a full observation."""
        return sum(self.has(setting) for setting in SETTINGS.values())


@dataclass(frozen=True, slots=True)
class Program:
    """A JWST program of MRS observations."""

    id: int
    title: str
    target: str
    redshift: float
    target_ra: float  # deg
    target_dec: float  # deg
    observations: tuple[Observation, ...]
    activity: dict[str, str]  # sub-band -> activity id in the kit's file names

    def observation(self, role: str) -> Observation:
        """Return the first observation with a role, ``source`` or ``background``; PlanError if there is none."""
        for item in self.observations:
            if item.role == role:
                return item
        raise PlanError(f"program {self.id} has no {role} observation: it declares "
                        f"{', '.join(item.role for item in self.observations)}", role=role)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """The lengths of the simulated exposures, either ``quick`` (for a class) or ``program`` (as observed)."""

    name: str
    groups: int
    integrations: int
    source_dithers: int
    background_dithers: int


PROFILES = {
    "quick": Profile("quick", 10, 1, 4, 2),
    "program": Profile("program", 40, 2, 4, 2),
}
LONG_RAMP_GROUPS = 40  # groups of the exposure in Ramp/, because shower detection does not work with ten groups


def profile(name: str) -> Profile:
    """Return the profile with this name; PlanError if it is neither ``quick`` nor ``program``."""
    if name not in PROFILES:
        raise PlanError(f"no profile {name!r}; expected {' or '.join(PROFILES)}", found=name)
    return PROFILES[name]


def exposure_time(groups: int, integrations: int, dithers: int = 1, readout: str = "FASTR1") -> float:
    """
    Return the exposure time in APT, s: groups plus one reset frame between integrations, for all dithers.

    The formula is from the JWST User Documentation, "MIRI Detector Readout FASTR1": t = t_group (groups x integrations
    + integrations - 1). For program 2732: (40 x 2 + 1) x 2.77504 s x 4 dithers = 899.113 s.
    """
    return (groups * integrations + integrations - 1) * _frame_time(readout) * dithers


def photon_time(groups: int, integrations: int, dithers: int = 1, readout: str = "FASTR1") -> float:
    """Return the photon-collecting time, s; for program 2732: 40 x 2 x 2.77504 s x 4 dithers = 888.013 s."""
    return groups * integrations * _frame_time(readout) * dithers


def _frame_time(readout: str) -> float:
    if readout not in FRAME_TIME:
        raise PlanError(f"no MIRI readout {readout!r}; expected {' or '.join(FRAME_TIME)}", found=readout)
    return FRAME_TIME[readout]


@cache
def program() -> Program:
    """Return the course's program, 2732, from ``data_manifest``."""
    return read_program(manifest_folder() / "program_2732.toml")


def read_program(path: Path) -> Program:
    """Return the program in a TOML file; PlanError if the file is missing, not TOML, or lacks an entry."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        observations = tuple(_observation(row) for row in table["observation"])
        return Program(
            table["id"], table["title"], table["target"], table["redshift"], table["target_ra"],
            table["target_dec"], observations, dict(table["activity"]),
        )  # fmt: skip
    except (OSError, tomllib.TOMLDecodeError, KeyError) as error:
        raise PlanError(
            f"{path}: not a readable program file ({error!r}); expected the entries of program_2732.toml",
            path=path,
        ) from error


def exposure_table(path: Path | None = None) -> list[dict[str, str]]:
    """Return the rows of a proposal's exposure table as dicts, by default for program 2732; PlanError if missing."""
    path = path or manifest_folder() / "apt_2732_exposures.csv"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise PlanError(f"{path}: no exposure table; expected apt_2732_exposures.csv. Install mrskit again.",
                        path=path) from error  # fmt: skip
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))


def _observation(row: dict) -> Observation:
    names = Observation.__dataclass_fields__
    return Observation(**{name: row[name] for name in names})
