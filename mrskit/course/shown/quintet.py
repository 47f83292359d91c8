"""Stephan's Quintet in catalogues: positions and velocities of its galaxies."""

from __future__ import annotations

# Right ascension and declination (deg, J2000), apparent size (arcmin), radial velocity (km/s), rounded: NASA/IPAC
# Extragalactic Database (NED), as encyclopedias quote it. The position angles (deg) are a guess by eye.
GALAXIES = {
    "NGC 7317": (338.9663, 33.9450, 0.8, 0.7, 0.0, 6600),
    "NGC 7318A": (338.9863, 33.9656, 0.9, 0.9, 0.0, 6630),
    "NGC 7318B": (338.9933, 33.9658, 1.9, 1.2, 25.0, 5774),
    "NGC 7319": (339.0148, 33.9758, 1.5, 1.1, 140.0, 6740),
    "NGC 7320": (339.0142, 33.9481, 2.2, 1.2, 130.0, 786),
}
