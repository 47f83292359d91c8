# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Analysis: lines, maps, and what moves
#
# **Aims.** After this lesson you can identify emission lines in an MRS spectrum, measure flux, velocity and width of
# a line with errors, decide whether it needs one Gaussian or two, make maps of a line, and compare ionised with
# molecular gas.
#
# **Prerequisites.** Lesson 05 (cubes, apertures, MJy/sr to Jy). **Time.** 55 minutes.
#
# The galaxy is **simulated**: its lines are brightened on purpose, so that they stand out in exposures of half a
# minute. At the end the same measurement runs on real MRS spectra, if you have some.

# %% [markdown]
# ## Parameters
#
# Everything that you may want to choose stands in this one cell.

# %% tags=["parameters"]
workspace = "work/demo"  # folder with Source/ and Background/
use_ch = "12"  # channels: "12" (short detector) or "34" (long detector)
use_band = "SHORT"  # sub-band: "SHORT", "MEDIUM" or "LONG"
stages = "123"  # stages to run for the science exposures, e.g. "23"; "" runs none
stages_bg = "12"  # stages to run for the background exposures
pixel_bg = False  # subtract the background exposures pixel by pixel in stage 2
master_bg = True  # subtract one background spectrum in stage 3
start_from = ""  # "rate", "cal" or "s3d": take that product as it stands and run nothing before it
data_source = "simulated"  # "simulated", or "real" for MAST data with your own CRDS
spectra_dir = ""  # folder with x1d or s1d spectra of other bands or objects (lesson 06)
scheduler = "local"  # "local" (two processes), "none", or the address of a dask scheduler

# %% [markdown]
# ## 1 · Start
#
# We follow two lines in this lesson: one of an ion and one of molecular hydrogen. In 12:SHORT the ion is Ne⁵⁺: it
# takes photons of 126 eV to make it, and only an active nucleus has them.

# %%
import numpy as np

from mrskit import answers, plan, products
from mrskit.bands import Setting, resolving_power
from mrskit.exercises.targets import band_of, targets
from mrskit.plotting import style

space = answers.begin(
    "06_analysis", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg, pixel_bg=pixel_bg,
    master_bg=master_bg, start_from=start_from, data_source=data_source, spectra_dir=spectra_dir, scheduler=scheduler,
)  # fmt: skip
style.use(space)

# %% [markdown]
# Where the two lines fall:

# %%
setting = Setting(use_ch, use_band)
program = plan.program()
centre = program.target_ra, program.target_dec  # deg: the nucleus
lines = targets(setting)
ion_band, molecule_band = (band_of(line, setting, program.redshift) for line in (lines.ion, lines.molecule))
print(f"{lines.ion} in {ion_band}, {lines.molecule} in {molecule_band}")

# %% [markdown]
# The nucleus: the spectrum within 0.5 arcsec, from each cube. What the fringe flat left over is removed from the
# spectrum by the pipeline's own one-dimensional correction, the same that it applies to its `x1d` spectra.

# %%
from dataclasses import replace

from mrskit.analysis.spectra import aperture_spectrum, convert
from mrskit.pipeline import fringes

paths = sorted(space.stage("source", "stage3").glob("*_s3d.fits"))
cubes = {cube.band.name: cube for cube in map(products.read_cube, paths)}
simulated = all(cube.simulated for cube in cubes.values())


def extract(cube, ra, dec, radius):
    """Return the spectrum (mJy) within a radius (arcsec), corrected for residual fringes."""
    spectrum = convert(aperture_spectrum(cube, ra, dec, radius), "mJy")
    flat = fringes.correct_1d(spectrum.flux, spectrum.wavelength, cube.band.channel)
    return replace(spectrum, flux=flat)


nucleus = {name: extract(cube, *centre, 0.5) for name, cube in cubes.items()}

# %% [markdown]
# ## 2 · The full spectrum
#
# All bands of your workspace, with the lines of the course's list at the redshift of NGC 7319. All twelve bands would
# run from 5 to 28 µm; the default workspace holds two. The continuum is hot dust about the nucleus; the broad bump
# about 8 µm is emission by PAH molecules.

# %%
from mrskit.analysis.catalogue import LINES
from mrskit.plotting import spectra as figures

shift = 1 + program.redshift
observed = {line.name: line.rest * shift for line in LINES}
figures.identified(list(nucleus.values()), observed, "The nucleus of NGC 7319", "06-full-spectrum", simulated)

# %% [markdown]
# Marked is where a line *would* be. Not every marked line is there, and one line that is there is marked nowhere: at
# 5.03 µm stands the bright spot that saturated pixels in lesson 03, an invention of the simulation.
#
# > **Exercise `06-strongest-line`.** Which line is the strongest (has the largest flux) in the band `ion_band`? Give
# > its species as `strongest_line`, a text written like `"[Ar II]"` or `"H2 S(3)"`. The function `measure_lines` fits
# > every line of the list.

# %% tags=["answer"] exercise="06-strongest-line"
from mrskit.analysis.lines import measure_lines

table = measure_lines([nucleus[ion_band]], program.redshift)
strongest_line = ...  # text, e.g. "[Ar II]"
# solution begin
strongest = max(table.detected, key=lambda row: row.flux)
strongest_line = strongest.line.rsplit(" ", 1)[0]
# solution end
answers.give("06-strongest-line", strongest_line)

# %% [markdown]
# What `measure_lines` found: velocities about the redshift of the plan, widths with the instrument removed.

# %%
for row in table.detected:
    velocity = f"{row.velocity:+5.0f} ± {row.velocity_error:4.1f}"
    print(f"{row.line:<18}{row.flux:9.2e} W/m²   v = {velocity} km/s   σ = {row.width:4.0f} km/s")

# %% [markdown]
# > **Exercise `06-redshift`.** Find the redshift yourself from one line: take the wavelength at which the spectrum
# > `nucleus[ion_band]` is highest within 0.03 µm of the expected place of `lines.ion` (rest wavelength
# > `lines.ion_rest`). Give `redshift`; it is compared with the redshift of the simulated galaxy, tolerance 0.0004.

# %% tags=["answer"] exercise="06-redshift"
spectrum = nucleus[ion_band]
expected = lines.ion_rest * shift  # um
redshift = ...  # no unit
# solution begin
near = abs(spectrum.wavelength - expected) < 0.03
peak = spectrum.wavelength[near][np.nanargmax(spectrum.flux[near])]
redshift = peak / lines.ion_rest - 1
# solution end
answers.give("06-redshift", redshift)

# %% [markdown]
# ## 3 · Zoom: the line and its continuum
#
# A line sits on a continuum, and every error of the continuum is an error of the flux. We take it from two windows
# that hold no line, one on each side.

# %%
velocity_windows = ((-3000, -1500), (1300, 2600)) if use_ch == "12" else ((-2200, -1300), (1300, 2200))  # km/s
windows = [tuple(expected * (1 + v / 299792.458) for v in window) for window in velocity_windows]
figures.zoom(spectrum, expected, lines.ion, windows, simulated, "06-zoom")

# %% [markdown]
# > **Exercise `06-continuum`.** How bright is the continuum under the line? Fit a straight line to the points in the
# > two `windows` and evaluate it at `expected`. Give `continuum_level` in mJy; tolerance 2 %.

# %% tags=["answer"] exercise="06-continuum"
continuum_level = ...  # mJy
# solution begin
outside = np.any([(spectrum.wavelength > a) & (spectrum.wavelength < b) for a, b in windows], axis=0)
outside &= np.isfinite(spectrum.flux)
slope, level = np.polyfit(spectrum.wavelength[outside] - expected, spectrum.flux[outside], 1)
continuum_level = level
# solution end
answers.give("06-continuum", continuum_level, unit="mJy")

# %% [markdown]
# ### The flux of a line, without any model
#
# The flux of a line is the area over the continuum, in W/m². The spectrum is a flux *per frequency*, so the
# wavelength steps must become frequency steps: Δν = c Δλ / λ².
#
# > **Exercise `06-line-sum`.** Add up the line within ±1000 km/s of `expected`: `(flux - continuum) * c * step /
# > wavelength²`, with the flux in W m⁻² Hz⁻¹ (1 mJy = 10⁻²⁹ W m⁻² Hz⁻¹), c = 2.99792458·10⁸ m/s, wavelength and step
# > in **metres**. Give `line_sum` in W/m². It is compared with the simulated galaxy in the same aperture; tolerance 8
# > %.

# %% tags=["answer"] exercise="06-line-sum"
line_sum = ...  # W / m2
# solution begin
inside = abs(spectrum.wavelength / expected - 1) < 1000 / 299792.458
metres = spectrum.wavelength[inside] * 1e-6
above = (spectrum.flux[inside] - level - slope * (spectrum.wavelength[inside] - expected)) * 1e-29
line_sum = np.nansum(above * 2.99792458e8 * np.diff(metres)[0] / metres**2)
# solution end
answers.give("06-line-sum", line_sum, unit="W / m2")

# %% [markdown]
# ## 4 · One Gaussian
#
# A sum says how much; a fit also says how fast and how wide, and gives errors. `fit_line` fits a Gaussian on a
# straight continuum to the points within 1500 km/s, weighted by their errors.

# %%
from mrskit.analysis.lines import fit_line

one = fit_line(spectrum.wavelength, spectrum.flux, spectrum.error, lines.ion_rest, program.redshift, unit="mJy")
print(f"flux {one.flux:.3e} ± {one.flux_error:.1e} W/m²")
print(f"velocity {one.velocity:.1f} ± {one.velocity_error:.1f} km/s about z = {program.redshift}")
print(f"width as observed {one.components[0].observed_width:.1f} km/s (sigma)")

# %% [markdown]
# The flux is smaller than your sum. Keep that in mind: the next section shows why.
#
# The width as observed is not the width of the gas: the spectrograph has a line profile of its own. Its FWHM is λ/R,
# with R the resolving power. A Gaussian has FWHM = 2.355 σ, and for Gaussians the squares of the widths add up.
#
# > **Exercise `06-instrument-width`.** How wide is the instrument's profile at `expected`?
# > `resolving_power(expected)` gives R. Give `instrument_sigma` as **sigma** in km/s; tolerance 1 %.

# %% tags=["answer"] exercise="06-instrument-width"
instrument_sigma = ...  # km/s
# solution begin
instrument_sigma = 299792.458 / resolving_power(expected) / 2.3548
# solution end
answers.give("06-instrument-width", instrument_sigma, unit="km/s")

# %% [markdown]
# > **Exercise `06-line-width`.** How wide is the gas's line of one Gaussian, the instrument removed? Give
# > `line_width` as sigma in km/s. It is compared with the simulated galaxy; tolerance 10 %.

# %% tags=["answer"] exercise="06-line-width"
line_width = ...  # km/s, sigma
# solution begin
line_width = np.sqrt(one.components[0].observed_width ** 2 - instrument_sigma**2)
# solution end
answers.give("06-line-width", line_width, unit="km/s")

# %% [markdown]
# ## 5 · One Gaussian or two?
#
# Gas that the nucleus drives out adds a broad, blue-shifted wing. Two Gaussians *always* fit better than one, because
# they have three more parameters to adjust. Whether they are *justified* is a question of a criterion. We use the
# Bayesian information criterion, BIC = n ln(χ²/n) + k ln n, with n points and k parameters: the smaller the better,
# and every parameter costs ln n. A difference of more than 10 counts as decisive.

# %%
two = fit_line(
    spectrum.wavelength, spectrum.flux, spectrum.error, lines.ion_rest, program.redshift, components=2, unit="mJy"
)
figures.fitted(spectrum, {"one Gaussian": one, "two Gaussians": two}, lines.ion, simulated, "06-one-or-two")

# %% [markdown]
# > **Exercise `06-components`.** How many Gaussians does this line need, by a difference in BIC of more than 10?
# > (`one.bic`, `two.bic`.) Give `components`, 1 or 2. It is compared with the number of gas components in the
# > simulated nucleus.

# %% tags=["answer"] exercise="06-components"
components = ...  # 1 or 2
# solution begin
components = 2 if one.bic - two.bic > 10 else 1
# solution end
answers.give("06-components", components)

# %% [markdown]
# The residuals of one Gaussian show what it missed: a wing, and the flux in it. The parts of the
# model with two Gaussians, with errors:

# %%
for name, part in zip(("narrow", "broad"), two.components, strict=True):
    velocity = f"{part.velocity:+5.0f} ± {part.velocity_error:4.1f}"
    width = f"{part.width:4.0f} ± {part.width_error:4.1f}"
    print(f"{name:<8}{part.flux:9.2e} W/m²   v = {velocity} km/s   σ = {width} km/s")

# %% [markdown]
# > **Exercise `06-broad-width`.** How wide is the **broad** component, the instrument removed? Give `broad_width` as
# > sigma in km/s. It is compared with the simulated galaxy seen through the same aperture; tolerance 20 %.

# %% tags=["answer"] exercise="06-broad-width"
broad_width = ...  # km/s, sigma
# solution begin
broad_width = two.components[1].width
# solution end
answers.give("06-broad-width", broad_width, unit="km/s")

# %% [markdown]
# ## 6 · Maps of a line
#
# A cube is a spectrum in every spaxel, so we can fit a line in every spaxel: flux, velocity and width become images.
# First the ion. Spaxels where the line is not at least five times its error are left out: velocities there would be
# noise.

# %%
from mrskit.analysis.maps import line_map
from mrskit.plotting import cubes as pictures

ion = line_map(cubes[ion_band], lines.ion_rest, program.redshift)
pictures.line_maps(cubes[ion_band], centre, ion, lines.ion, "06-map-ion")

# %% [markdown]
# Now the same for molecular hydrogen. It looks quite different.

# %%
molecule = line_map(cubes[molecule_band], lines.molecule_rest, program.redshift)
pictures.line_maps(cubes[molecule_band], centre, molecule, lines.molecule, "06-map-molecule")

# %% [markdown]
# > **Exercise `06-detected`.** In which spaxels is the **H2** line detected with a flux of more than **10** times its
# > error? Give `detected`, a boolean array with the shape of the map, from `molecule.snr` (where it is `nan`, nothing
# > could be fitted). It is compared with a map made from your cube: 95 % of its spaxels must be there, and at most 5
# > % others.

# %% tags=["answer"] exercise="06-detected"
detected = ...  # boolean array, shape of molecule.flux
# solution begin
detected = np.nan_to_num(molecule.snr) > 10
# solution end
answers.give("06-detected", detected)

# %% [markdown]
# ### Rotation
#
# Half of the H2 ring comes towards us (blue), half goes away (red): it rotates. The velocities that we see are those
# along the line of sight.
#
# > **Exercise `06-rotation`.** How fast? Take the 10th and the 90th percentile of `molecule.velocity` over all
# > spaxels with `molecule.snr > 10`, and half the difference. Give `rotation` in km/s. It is compared with the
# > simulated galaxy seen with the same spaxels; tolerance 12 %.

# %% tags=["answer"] exercise="06-rotation"
rotation = ...  # km/s
# solution begin
low, high = np.nanpercentile(molecule.velocity[np.nan_to_num(molecule.snr) > 10], (10, 90))
rotation = (high - low) / 2
# solution end
answers.give("06-rotation", rotation, unit="km/s")

# %% [markdown]
# ## 7 · Where the jet hits the gas
#
# Radio maps of NGC 7319 show a jet with a hot spot about an arcsecond from the nucleus. Look at the map of the ion
# again, at its *width*: north-east of the nucleus there is a place with broad lines.
#
# > **Exercise `06-knot-place`.** Where is it? In the spaxels between 0.75 and 1.25 arcsec from the nucleus and north
# > of it, find the maximum of the **ion**'s flux. Give `knot_place`, an array `[east, north]` of offsets from the
# > nucleus in arcsec. It is compared with the simulated jet knot; tolerance 0.25 arcsec (a spaxel and a half).

# %%
cube = cubes[ion_band]
rows, columns = np.indices(cube.flux.shape[1:])
x0, y0 = cube.wcs.world_to_pixel_values(*centre)
east, north = (x0 - columns) * cube.spaxel_size, (rows - y0) * cube.spaxel_size  # arcsec; east is left
distance = np.hypot(east, north)

# %% [markdown]
# Now `east`, `north` and `distance` are images with the shape of the map.

# %% tags=["answer"] exercise="06-knot-place"
knot_place = ...  # [east, north], arcsec
# solution begin
searched = (distance > 0.75) & (distance < 1.25) & (north > 0)
best = np.nanargmax(np.where(searched, ion.masked("flux"), np.nan))
knot_place = np.array([east.ravel()[best], north.ravel()[best]])
# solution end
answers.give("06-knot-place", knot_place, unit="arcsec")

# %% [markdown]
# We extract a spectrum there, within 0.3 arcsec, and fit both lines with one Gaussian. (If you gave no place, the
# lesson goes on with a place on the opposite side of the nucleus.)

# %%
place = np.array([-0.5, -0.8]) if knot_place is ... else np.asarray(knot_place, dtype=float)
ra = centre[0] + place[0] / 3600 / np.cos(np.radians(centre[1]))
dec = centre[1] + place[1] / 3600
marks = {"nucleus": (0.0, 0.0, 0.5), "here": (place[0], place[1], 0.3)}
pictures.line_maps(cube, centre, ion, lines.ion, "06-apertures", quantities=("flux", "width"), circles=marks)

# %% [markdown]
# Both lines at that place, over velocity, each scaled to its own peak:

# %%
knot = {name: extract(item, ra, dec, 0.3) for name, item in cubes.items()}
fits = {}
for name, band in ((lines.ion, ion_band), (lines.molecule, molecule_band)):
    rest = lines.ion_rest if name == lines.ion else lines.molecule_rest
    item = knot[band]
    fits[name] = item, fit_line(item.wavelength, item.flux, item.error, rest, program.redshift, unit="mJy")
figures.profiles(fits, "Ionised and molecular gas at the same place", "06-ion-h2", simulated)

# %% [markdown]
# > **Exercise `06-width-ratio`.** How many times broader is the ion's line than the line of H2 at the jet knot, the
# > instrument removed? Give `width_ratio`. It is compared with the simulated galaxy in an aperture at the true place
# > of the knot; tolerance 20 %.

# %% tags=["answer"] exercise="06-width-ratio"
width_ratio = ...  # width of the ion's line / width of the H2 line
# solution begin
width_ratio = fits[lines.ion][1].width / fits[lines.molecule][1].width
# solution end
answers.give("06-width-ratio", width_ratio)

# %% [markdown]
# The jet pushes the ionised gas around much more than the molecules: they sit in dense clouds that are hard to move.
# A study of the real NGC 7319 with these MRS data found the same at its jet's hot spot: σ of about 300 km/s for the
# ions and 150 km/s for H2 (Pereira-Santaella et al. 2022, A&A 665, L11). Our simulated galaxy was made after that
# result, so it proves nothing about the real one; it shows that your measurement *would* find it.

# %% [markdown]
# ## 8 · Real spectra
#
# So far everything was simulated. The same function measures real spectra: give a folder with `x1d` or `s1d` files as
# `spectra_dir`. Public ones of the galaxy VV 114 (JWST program 1328, bands 1A to 2C) come with the software PAHFIT,
# in its folder `pahfit/data/MIRI_MRS` at [github.com/PAHFIT/pahfit](https://github.com/PAHFIT/pahfit); spectra of any
# program are in the [MAST archive](https://mast.stsci.edu).

# %%
from pathlib import Path

real_redshift = 0.0202  # of VV 114; change it for another galaxy
files = sorted(path for path in Path(spectra_dir).glob("*1d.fits")) if spectra_dir else []
real = [products.read_spectrum(path) for path in files]
print(f"{len(real)} spectra in {spectra_dir!r}" if real else "spectra_dir is empty: this section is skipped.")

# %% [markdown]
# With spectra, this cell prints one redshift and every line that is found. Lines that do not agree with the others
# are not used for the redshift: blends, lines beside a deep absorption, or a wavelength scale that is off.

# %%
if real:
    found = measure_lines(real, real_redshift)
    print(f"z = {found.redshift:.5f} ± {found.redshift_error:.5f} from {len(found.used)} lines")
    for row in found.detected:
        velocity = f"{row.velocity:+5.0f} ± {row.velocity_error:4.1f}"
        used = "" if row.used else "   not used for z"
        print(f"{row.line:<18}v = {velocity} km/s   σ = {row.width:4.0f} km/s   S/N {row.snr:3.0f}{used}")
    figures.measured(real, found, "Real spectra: the four most significant lines", "06-real-lines", False)

# %% [markdown]
# ## What you can do now
#
# - Identify the lines of an MRS spectrum and get a redshift from them.
# - Measure a line by a sum and by a fit, with the continuum and the instrument's width taken care of.
# - Decide by the BIC between one Gaussian and two.
# - Map a line's flux, velocity and width, and mask what is noise.
# - Compare gas phases at one place, and say what a simulation can and cannot prove.
#
# **That was the course.** `mrskit check` shows your scorecard; your figures are in `Plots/` of the workspace.
