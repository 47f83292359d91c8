"""The parts of a scene (lines, continua, components and sky), as frozen records that can be stored as JSON."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass

from mrskit.errors import SimulationError

KINDS = ("point", "extended")
CONTINUA = ("blackbody", "powerlaw", "drude")


@dataclass(frozen=True, slots=True)
class Line:
    """A Gaussian emission line of one component."""

    name: str  # as in the kit's list of lines, e.g. "[Ne II] 12.814"
    rest: float  # um, vacuum
    flux: float  # W m-2, for the whole component
    velocity: float  # km/s, relative to the scene's redshift
    sigma: float  # km/s, intrinsic


@dataclass(frozen=True, slots=True)
class Continuum:
    """
        A smooth term of a component's flux density, which is given at an observed reference wavelength.

    ``kind`` is ``blackbody`` (parameter: temperature, K), ``powerlaw`` (parameter: exponent of the wavelength) or
        ``drude``, a PAH feature that peaks at the reference (parameter: FWHM divided by the wavelength).
    """

    kind: str
    flux: float  # Jy, for the whole component, at the reference wavelength
    reference: float  # um, observed
    parameter: float


@dataclass(frozen=True, slots=True)
class Component:
    """One Gaussian on the sky (a point if its axes are zero) with its spectrum."""

    name: str
    kind: str  # "point" or "extended"
    east: float  # arcsec from the scene's centre
    north: float  # arcsec
    major: float  # arcsec, sigma along the major axis
    minor: float  # arcsec, sigma along the minor axis
    angle: float  # deg, of the major axis, from north to east
    continuum: tuple[Continuum, ...] = ()
    lines: tuple[Line, ...] = ()
    silicate: float = 0.0  # optical depth at 9.7 um (rest) in front of the continuum
    carbon_monoxide: float = 0.0  # optical depth of the strongest line of its P branch in front of the continuum


@dataclass(frozen=True, slots=True)
class Sky:
    """The background: diluted blackbodies with the same brightness everywhere."""

    zodiacal: tuple[tuple[float, float], ...]  # (dilution, temperature in K)
    thermal: tuple[tuple[float, float], ...]  # the same, for the telescope


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything on the sky: the truth of a simulated program."""

    name: str
    seed: int
    ra: float  # deg, ICRS, position of the centre
    dec: float  # deg
    redshift: float
    components: tuple[Component, ...]
    sky: Sky

    @property
    def digest(self) -> str:
        """Return the first twelve hexadecimal digits of the SHA-256 checksum of the scene's JSON."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()[:12]

    def component(self, name: str) -> Component:
        """
                Return the component with this name.

                Raises
                ------
                SimulationError
        If the scene has no such component.
        """
        for item in self.components:
            if item.name == name:
                return item
        raise SimulationError(f"scene {self.name} has no component {name!r}: it has "
                              f"{', '.join(item.name for item in self.components)}", found=name)  # fmt: skip

    def lines(self, name: str) -> tuple[tuple[Component, Line], ...]:
        """Return (component, line) pairs for a line name; a component with two line widths appears twice."""
        return tuple((item, line) for item in self.components for line in item.lines if line.name == name)


def to_json(scene: Scene) -> str:
    """Return a scene as JSON text with sorted keys; ``from_json`` gives back an equal scene."""
    return json.dumps(asdict(scene), sort_keys=True, indent=1)


def from_json(text: str) -> Scene:
    """
    Return the scene that a JSON text describes.

        Raises
        ------
        SimulationError
            If the text is not JSON or does not describe a scene.
    """
    try:
        table = json.loads(text)
        sky = Sky(*(tuple(tuple(term) for term in table["sky"][name]) for name in ("zodiacal", "thermal")))
        components = tuple(_component(row) for row in table["components"])
        return Scene(**{**table, "sky": sky, "components": components})
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise SimulationError(f"not a scene ({type(error).__name__}: {error}); expected the JSON that mrskit writes as "
                              "truth/scene.json. Run 'mrskit simulate' again.") from error  # fmt: skip


def _component(row: dict) -> Component:
    continuum = tuple(Continuum(**item) for item in row["continuum"])
    lines = tuple(Line(**item) for item in row["lines"])
    if row["kind"] not in KINDS or any(item.kind not in CONTINUA for item in continuum):
        raise SimulationError(f"component {row['name']!r}: kind {row['kind']!r} or one of its continua is unknown; "
                              f"expected {KINDS} and {CONTINUA}", found=row["kind"])  # fmt: skip
    return Component(**{**row, "continuum": continuum, "lines": lines})
