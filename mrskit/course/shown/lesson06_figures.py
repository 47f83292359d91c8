"""Figures of lesson 06: all bands, field and nucleus, unlabelled lines, the choice of a model, real spectra."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np

from mrskit import observed, plan, products
from mrskit.analysis import shipped
from mrskit.analysis.catalogue import LINES, SPEED_OF_LIGHT
from mrskit.analysis.collection import collect
from mrskit.analysis.fits import LineFit, fit_line
from mrskit.analysis.lines import LineTable, measure_lines
from mrskit.analysis.regions import region_spectrum
from mrskit.analysis.selection import false_lines
from mrskit.analysis.spectra import aperture_spectrum, convert
from mrskit.bands import BANDS
from mrskit.course.shown.stage3_files import Files
from mrskit.course.shown.target_lines import Targets
from mrskit.pipeline.step_settings import Options
from mrskit.pipeline.steps import stage3 as stage3_steps
from mrskit.pipeline.steps.fringes import corrected
from mrskit.plotting import spectra, style, whole
from mrskit.products import Cube, Spectrum
from mrskit.workspace import Workspace


def all_bands(space: Workspace, scheduler: str) -> tuple[dict[str, Spectrum], float, bool]:
    """Return the nucleus in each band, Jy, its redshift, and whether it is simulated (the course's if bands lack)."""
    cubes = sorted(space.stage("source", "stage3").glob("Level3_*_s3d.fits"))
    redshift = plan.program().redshift
    if len(cubes) < len(BANDS) or observed.of(space).redshift != redshift:
        print("twelve bands from the course: SIMULATED spectra of the galaxy like NGC 7319")
        return shipped.shipped_spectra(), redshift, True
    points = stage3_steps.run(space, stage3_steps.point_runs(cubes), Options(scheduler=scheduler)).values()
    print("twelve bands, your own")
    found = {item.band.name: item for item in map(shipped.read_nucleus, points) if item.band}
    return found, redshift, shipped.is_simulated(cubes)


def full_spectrum(every: Mapping[str, Spectrum], redshift: float, simulated: bool, unnamed: str = "") -> None:
    """Show all bands with the wavelengths of the catalogue lines; a question mark hides the name of one line."""
    if every:
        places = {"?" if line.name == unnamed else line.name: line.rest * (1 + redshift) for line in LINES}
        whole.whole_range(list(every.values()), places, redshift, "The nucleus of NGC 7319", "06-full-spectrum",
                          simulated, named=False)  # fmt: skip


def field_and_nucleus(files: Files, nucleus: Mapping[str, Spectrum], simulated: bool) -> None:
    """Show the nucleus and the sum over the field in the setting or, if it lacks 2A, in 2A from the course."""
    field = {name: convert(products.read_spectrum(path), "mJy") for name, path in files.spectra.items()}
    inner = dict(nucleus)
    if "2A" not in field:
        whole_field = shipped.read_field(shipped.shipped_folder() / "2A_x1d.fits").spectrum
        field, inner = {"2A": convert(whole_field, "mJy")}, {"2A": convert(shipped.shipped_spectra()["2A"], "mJy")}
    groups = {"whole field": field, "nucleus": inner}
    shown = {f"{label} # {name}": item for label, group in groups.items() for name, item in group.items()}
    spectra.curves(shown, "Field and nucleus", "06-field", "Spectra of the whole field and of the nucleus.",
                   simulated or "2A" not in nucleus)  # fmt: skip


def fringes(nucleus: Mapping[str, Spectrum], simulated: bool) -> None:
    """Show the change, percent, of the nucleus by the 1-D correction of residual fringes."""
    changes = {f"1-D correction # {name}": replace(item, flux=100 * (corrected(item).flux / item.flux - 1), unit="%")
               for name, item in nucleus.items()}  # fmt: skip
    spectra.curves(changes, "What the 1-D correction changes in the nucleus", "06-fringes", "Change of the spectrum of "
                   "the nucleus by the correction of residual fringes, in percent, in both bands.", simulated,
                   ylabel="Change (%)")  # fmt: skip


def print_lines(table: LineTable) -> None:
    """Print the detected lines and their common redshift."""
    for row in table.detected:
        moved = f"{row.velocity:+5.0f} ± {row.velocity_error:4.1f}"
        print(f"{row.line:<18}{row.flux:9.2e} W/m²  v = {moved} km/s  σ = {row.width:4.0f} km/s  S/N {row.snr:4.0f}  "
              f"{row.message}")  # fmt: skip
    measured = f"z = {table.redshift:.5f} ± {table.redshift_error:.5f} from {len(table.used)} lines"
    print(f"No redshift: {table.message}. {table.hint}" if table.message else measured)


def print_fit(fit: LineFit) -> None:
    """Print flux, velocity and observed width (sigma) of a fit."""
    print(f"flux {fit.flux:.3e} ± {fit.flux_error:.1e} W/m², width {fit.components[0].observed_width:.1f} km/s")
    print(f"velocity {fit.velocity:.1f} ± {fit.velocity_error:.1f} km/s about z = {fit.redshift}")


def print_components(fit: LineFit) -> None:
    """Print the components of a fit, the narrower component first."""
    for name, part in zip(("narrow", "broad"), fit.components, strict=False):
        print(f"{name:<8}{part.flux:9.2e} W/m²   v = {part.velocity:+5.0f} ± {part.velocity_error:4.1f} km/s   "
              f"σ = {part.width:4.0f} ± {part.width_error:4.1f} km/s (noise alone)")  # fmt: skip


def straight_line(spectrum: Spectrum, windows: Sequence[tuple[float, float]]) -> np.ndarray:
    """Return a straight line through the points in some windows, evaluated at every wavelength of a spectrum."""
    use = np.any([(spectrum.wavelength > a) & (spectrum.wavelength < b) for a, b in windows], axis=0)
    use &= np.isfinite(spectrum.flux)
    x = spectrum.wavelength - np.mean(spectrum.wavelength)
    return np.polyval(np.polyfit(x[use], spectrum.flux[use], 1), x)


def unlabelled(spectrum: Spectrum, one: LineFit, simulated: bool, name: str = "06-unlabelled") -> dict[str, Spectrum]:
    """Show the line of a spectrum between two simulated lines of one Gaussian, and return the three spectra."""
    first, last = false_lines(spectrum, one)
    velocity = SPEED_OF_LIGHT * (spectrum.wavelength / (one.rest * (1 + one.redshift)) - 1)
    use = abs(velocity) < 1500
    three = {"A": replace(spectrum, flux=first), "B": spectrum, "C": replace(spectrum, flux=last)}
    figure, axes = plt.subplots(1, 3, figsize=(12, 4), sharey=True)
    for axis, (label, item) in zip(axes, three.items(), strict=True):
        axis.step(velocity[use], item.flux[use], where="mid", color=style.BLACK, lw=1.2)
        axis.set_title(label)
        axis.set_xlabel("Velocity (km/s)")
    axes[0].set_ylabel(f"Flux density ({spectrum.unit})")
    style.title(figure, "One of them is yours", simulated)
    style.finish(figure, name, "Three emission lines over velocity, named A, B and C, without fits.")
    return three


def region_spectra(cubes: Mapping[str, Cube], region: object, simulated: bool) -> None:
    """Show the spectra of a region in all cubes."""
    inner = {f"region # {band}": convert(region_spectrum(item, region), "mJy") for band, item in cubes.items()}
    spectra.curves(inner, "A region of DS9", "06-region", "Spectra of both bands within the region; the lines of H2 "
                   "stand out.", simulated, peaks=True)  # fmt: skip


def offsets(cube: Cube, centre: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return the offsets east and north of a position for every spaxel, arcsec, in a cube with north up."""
    rows, columns = np.indices(cube.flux.shape[1:])
    x0, y0 = cube.wcs.world_to_pixel_values(*centre)
    return (x0 - columns) * cube.spaxel_size, (rows - y0) * cube.spaxel_size


def two_lines(
    cubes: Mapping[str, Cube], centre: tuple[float, float], place: np.ndarray, radius: float, lines: Targets,
    redshift: float,
) -> dict[str, tuple[Spectrum, LineFit]]:  # fmt: skip
    """Return spectrum (mJy) and fit of both lines in an aperture; ``place`` is the offset from the centre, arcsec."""
    ra = centre[0] + place[0] / 3600 / np.cos(np.radians(centre[1]))
    found = {}
    for name, rest in ((lines.ion, lines.ion_rest), (lines.molecule, lines.molecule_rest)):
        cube = next(item for item in cubes.values() if item.band and item.band.covers(rest * (1 + redshift)))
        item = convert(aperture_spectrum(cube, ra, centre[1] + place[1] / 3600, radius), "mJy")
        found[name] = item, fit_line(item.wavelength, item.flux, item.error, rest, redshift, unit="mJy")
    return found


def real_lines(folder: str, redshift: float | None) -> None:
    """Print and show the lines in a folder's spectra; print a message if there is no folder."""
    real = list(collect([Path(folder)])) if folder else []
    if not real:
        return print("spectra_dir is empty: this section is skipped.")
    print(f"{len(real)} spectra read")
    found = measure_lines(real, redshift)
    print_lines(found)
    if found.detected:
        spectra.measured(real, found, "Real spectra: the four most significant lines", "06-real-lines", False)
        there = {row.line: row.rest * (1 + found.given) for row in found.detected}
        flux = [convert(item, "Jy") for item in real if "sr" not in item.unit]
        whole.whole_range(flux, there, found.given, "Real spectra with the lines found", "06-real-spectrum", False)


def gains(trials: Mapping[str, np.ndarray], measured: float, simulated: bool, name: str = "06-false-positives") -> None:
    """Show the BIC gain of two Gaussians for simulated single lines, by kind of noise, and for the measured line."""
    figure, axis = plt.subplots(figsize=(10.5, 4.4))
    edges = np.linspace(-14, 30, 45)
    words = []
    looks = zip((style.BLUE, style.ORANGE), ("", "//"), trials.items(), strict=False)
    for colour, hatch, (label, values) in looks:
        share = 100 * np.mean(values > 10)
        axis.hist(np.clip(values, edges[0], edges[-1]), edges.tolist(), color=colour, alpha=0.65, hatch=hatch,
                  edgecolor=style.BLACK, lw=0.5, label=label)  # fmt: skip
        words.append(f"with {label} {share:.1f} percent lie above 10")
    axis.axvline(0, color=style.BLACK, lw=1.2)
    axis.axvline(10, color=style.RED, ls="--", lw=2, label="decisive: 10")
    axis.set(yscale="log", ylabel="Simulated spectra (number)", xlabel="BIC of one minus BIC of two (dimensionless)",
             xlim=(edges[0], edges[-1]))  # fmt: skip
    axis.annotate(f"your line: {measured:.0f} →", (0.99, 0.55), xycoords="axes fraction", ha="right", fontsize=13)
    axis.legend(loc="upper right")
    style.title(axis, "Lines of one Gaussian, fitted with two", simulated)
    style.finish(figure, name, f"Histograms of the gain in BIC by a second Gaussian where there is only one: "
                 f"{'; '.join(words)}. The line of the lesson gains {measured:.0f}.")  # fmt: skip
