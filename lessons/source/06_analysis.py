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
# **Aims.** After this lesson you can identify lines and PAH features in an MRS spectrum, measure flux, velocity and
# width of a line with errors, decide whether it needs one Gaussian or two and how often that decision is wrong, make
# maps of a line with a mask, take regions from DS9 and back, and compare ionised with molecular gas.
#
# **Prerequisites.** Lesson 05 (cubes, apertures, MJy/sr to Jy). **Time.** 40 minutes.
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
redshift = None  # of the object in spectra_dir, e.g. 0.0202; None: it is searched (lesson 06)
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
from mrskit.course.shown.target_lines import band_of, targets
from mrskit.plotting import style

space = answers.begin(
    "06_analysis", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg,
    pixel_bg=pixel_bg, master_bg=master_bg, start_from=start_from, data_source=data_source,
    spectra_dir=spectra_dir, redshift=redshift, scheduler=scheduler,
)  # fmt: skip
style.use(space)

# %% [markdown]
# Where the two lines fall:

# %%
setting = Setting(use_ch, use_band)
program = plan.program()
centre = program.target_ra, program.target_dec  # deg: the nucleus
lines = targets(setting)
ion_band = band_of(lines.ion, setting, program.redshift)
molecule_band = band_of(lines.molecule, setting, program.redshift)
print(f"{lines.ion} in {ion_band}, {lines.molecule} in {molecule_band}")
if not lines.molecular:
    print(f"No line of H2 falls into {setting.name}: where the text says H2, read {lines.molecule}.")

# %% [markdown]
# The nucleus: the spectrum within 0.5 arcsec, from each cube. What the fringe flat left over is removed from the
# spectrum by the pipeline's own one-dimensional correction, the same that it applies to its `x1d` spectra.

# %%
from dataclasses import replace

from mrskit.analysis.spectra import aperture_spectrum, convert
from mrskit.pipeline.steps import fringes

stage3 = space.stage("source", "stage3")
paths = [stage3 / f"Level3_ch{band.channel}-{use_band.lower()}_s3d.fits" for band in setting.bands]
cubes = {cube.band.name: cube for cube in map(products.read_cube, paths)}
simulated = all(cube.simulated for cube in cubes.values())


# %%
def extract(cube, ra, dec, radius):
    """Return the spectrum (mJy) within a radius (arcsec), corrected for residual fringes."""
    spectrum = convert(aperture_spectrum(cube, ra, dec, radius), "mJy")
    flat = fringes.correct_1d(spectrum.flux, spectrum.wavelength, cube.band.channel)
    return replace(spectrum, flux=flat)


nucleus = {name: extract(cube, *centre, 0.5) for name, cube in cubes.items()}

# %% [markdown]
# Before you measure, look: this is the cube of the ion's line. In an open notebook, move the wavelength and click on
# spaxels; where is the line narrow, where broad, where shifted?

# %%
from mrskit import viewers

line_cube = paths[[band.name for band in setting.bands].index(ion_band)]
viewers.slices(line_cube, "06-cube-viewer")

# %% [markdown]
# ## 2 · The full spectrum
#
# All twelve bands, 5 to 28 µm, extracted as a point source at the nucleus. If your workspace holds all of them (`mrskit
# demo --bands all`), they come from your own cubes. If not, the course brings them from such a workspace: the same
# simulated galaxy, the same steps.

# %%
from mrskit.analysis import shipped
from mrskit.bands import BANDS
from mrskit.pipeline import stages as pipeline
from mrskit.pipeline.steps import stage3 as stage3_steps

whole_program = sorted(stage3.glob("Level3_*_s3d.fits"))
every = shipped.shipped_spectra()
made = shipped.is_simulated(shipped.spectra_files())
if len(whole_program) == len(BANDS):
    runs = stage3_steps.point_runs(whole_program)
    points = stage3_steps.run(space, runs, pipeline.Options(scheduler=scheduler)).values()
    every = {item.band.name: item for item in map(shipped.read_nucleus, points)}
    made = simulated
print(f"{len(every)} bands, {'your own' if len(whole_program) == len(BANDS) else 'from the course'}")

# %% [markdown]
# Marked is where each line of the course's list *would* be at the redshift of NGC 7319; shaded are the features of PAH
# molecules.

# %%
from mrskit.analysis.catalogue import LINES
from mrskit.plotting import whole

shift = 1 + program.redshift
observed = {line.name: line.rest * shift for line in LINES}
title = "The nucleus of NGC 7319"
if every:
    whole.whole_range(list(every.values()), observed, program.redshift, title, "06-full-spectrum", made)

# %% [markdown]
# Not every marked line is there, and six of the strongest are marked nowhere: at 5.03, 6.42, 6.90, 12.00, 13.70 and
# 16.40 µm. They are an invention of the simulation that these twelve spectra come from. The continuum is dust: hot
# about the nucleus, cooler at long wavelengths.
#
# > **Exercise `06-identify`.**

# %%
print(", ".join(f"{line.species} {line.rest:.3f}" for line in LINES if 11 < line.rest < 20))

# %% tags=["answer"] exercise="06-identify"
species = ...  # text, e.g. "[Ar II]"
# solution begin
rest = 15.905 / shift
species = min(LINES, key=lambda line: abs(line.rest - rest)).species
# solution end
answers.give("06-identify", species)

# %% [markdown]
# The nucleus is not the galaxy. Here is the whole field of band 2A, as the pipeline's `x1d` sums it, beside the
# nucleus. (If you work on another setting, 2A comes from the course.)

# %%
from mrskit.plotting import spectra

files = [path.with_name(path.name.replace("s3d", "x1d")) for path in paths]
extracted = [products.read_spectrum(path) for path in files if path.is_file()]
field, inner = {item.band.name: convert(item, "mJy") for item in extracted}, nucleus
if "2A" not in cubes:
    whole_field = shipped.read_field(shipped.shipped_folder() / "2A_x1d.fits").spectrum
    field, inner = {"2A": convert(whole_field, "mJy")}, {"2A": convert(shipped.shipped_spectra()["2A"], "mJy")}
curves = {f"whole field # {name}": item for name, item in field.items()}
curves |= {f"nucleus # {name}": item for name, item in inner.items()}
spectra.curves(
    curves, "Field and nucleus", "06-field",
    "Spectra of the whole field and of the nucleus: between 7.5 and 8.4 µm the field has a broad bump "
    "that the nucleus hardly has; lines of H2 are strong in the field.", simulated or "2A" not in cubes,
)  # fmt: skip

# %% [markdown]
# > **Exercise `06-pah`.**

# %% tags=["answer"] exercise="06-pah"
bump = ...  # "a", "b", "c" or "d"
# solution begin
bump = "b"
# solution end
answers.give("06-pah", bump)

# %% [markdown]
# ## 3 · Velocities
#
# A line at the galaxy's redshift stands at rest wavelength × (1 + z). What is off from there moves within the galaxy.
#
# > **Exercise `06-velocity`.**


# %% tags=["answer"] exercise="06-velocity"
def velocity(observed, rest, redshift):
    """Return the velocity about the redshifted rest wavelength, km/s."""
    result = ...  # number or array like observed
    # solution begin
    result = 299792.458 * (observed / (rest * (1 + redshift)) - 1)
    # solution end
    return result


answers.give("06-velocity", velocity)

# %% [markdown]
# `measure_lines` does it for every line of the list, with a fit: velocities about the redshift of the plan, widths
# with the instrument removed, and one redshift from all lines.

# %%
from mrskit.analysis.lines import measure_lines

table = measure_lines(list(nucleus.values()), program.redshift)
for row in table.detected:
    moved = f"{row.velocity:+5.0f} ± {row.velocity_error:4.1f}"
    print(f"{row.line:<18}{row.flux:9.2e} W/m²   v = {moved} km/s   σ = {row.width:4.0f} km/s")
print(f"z = {table.redshift:.5f} ± {table.redshift_error:.5f} from {len(table.used)} lines")

# %% [markdown]
# ## 4 · Zoom: the line and its continuum
#
# A line sits on a continuum, and every error of the continuum is an error of the flux. We take it from two windows
# that hold no line, one on each side.

# %%
spectrum = nucleus[ion_band]
expected = lines.ion_rest * shift  # um
sides = {"12": ((-3000, -1500), (1300, 2600)), "34": ((-2200, -1300), (1300, 2200))}[use_ch]  # km/s
windows = [tuple(expected * (1 + v / 299792.458) for v in side) for side in sides]
spectra.zoom(spectrum, expected, lines.ion, windows, simulated, "06-zoom")

# %% [markdown]
# > **Exercise `06-continuum`.**

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
# > **Exercise `06-line-sum`.**

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
# ## 5 · One Gaussian
#
# A sum says how much; a fit also says how fast and how wide, and gives errors. `fit_line` fits a Gaussian on a
# straight continuum to the points within 1500 km/s, weighted by their errors.

# %%
from mrskit.analysis.lines import fit_line

data = spectrum.wavelength, spectrum.flux, spectrum.error
one = fit_line(*data, lines.ion_rest, program.redshift, unit="mJy")
print(f"flux {one.flux:.3e} ± {one.flux_error:.1e} W/m²")
print(f"velocity {one.velocity:.1f} ± {one.velocity_error:.1f} km/s about z = {program.redshift}")
print(f"width as observed {one.components[0].observed_width:.1f} km/s (sigma)")

# %% [markdown]
# In 12:SHORT the flux is smaller than your sum. Keep that in mind: the next section shows why.
#
# The width as observed is not the width of the gas: the spectrograph has a line profile of its own. Its FWHM is λ/R,
# in km/s c/R, with R the resolving power (`resolving_power(wavelength)`, wavelength in µm). A Gaussian has FWHM =
# 2.3548 σ, and for Gaussians the squares of the widths add up.
#
# > **Exercise `06-gas-width`.**


# %% tags=["answer"] exercise="06-gas-width"
def gas_width(observed_sigma, wavelength):
    """Return the sigma of the gas without the instrument, km/s."""
    result = ...  # one number, km/s
    # solution begin
    instrument = 299792.458 / resolving_power(wavelength) / 2.3548
    squared = observed_sigma**2 - instrument**2
    result = np.sqrt(squared) if squared >= 0 else np.nan
    # solution end
    return result


answers.give("06-gas-width", gas_width)

# %% [markdown]
# ## 6 · One Gaussian or two?
#
# Gas that the nucleus drives out adds a broad, blue-shifted wing. Two Gaussians *always* fit better than one, because
# they have three more parameters to adjust. Whether they are *justified* is a question of a criterion. We use the
# Bayesian information criterion: the smaller the better, and every parameter costs ln n. A difference of more than 10
# counts as decisive.
#
# > **Exercise `06-bic`.**


# %% tags=["answer"] exercise="06-bic"
def bic(chi2, points, parameters):
    """Return the Bayesian information criterion of a fit."""
    result = ...  # one number
    # solution begin
    result = points * np.log(chi2 / points) + parameters * np.log(points)
    # solution end
    return result


answers.give("06-bic", bic)

# %%
if lines.blended:
    print(f"In {setting.name} the aperture also holds {lines.ion} of the jet knot: two exercises are not judged.")
two = fit_line(*data, lines.ion_rest, program.redshift, components=2, unit="mJy")
models = {"one Gaussian": one, "two Gaussians": two}
spectra.fitted(spectrum, models, lines.ion, simulated, "06-one-or-two")

# %% [markdown]
# In 12:SHORT the residuals of one Gaussian show what it missed: a wing, and the flux in it. (Other settings follow
# other ions, and not each of these has a wing.)
#
# > **Exercise `06-components`.**

# %% tags=["answer"] exercise="06-components"
components = ...  # 1 or 2
# solution begin
components = 2 if one.bic - two.bic > 10 else 1
# solution end
answers.give("06-components", components)

# %% [markdown]
# The parts of the model with two Gaussians, with errors:

# %%
for name, part in zip(("narrow", "broad"), two.components, strict=True):
    moved = f"{part.velocity:+5.0f} ± {part.velocity_error:4.1f}"
    width = f"{part.width:4.0f} ± {part.width_error:4.1f}"
    print(f"{name:<8}{part.flux:9.2e} W/m²   v = {moved} km/s   σ = {width} km/s")

# %% [markdown]
# > **Exercise `06-broad-width`.**

# %% tags=["answer"] exercise="06-broad-width"
broad_width = ...  # km/s, sigma
# solution begin
broad_width = (two if components == 2 else one).components[-1].width
# solution end
answers.give("06-broad-width", broad_width, unit="km/s")

# %% [markdown]
# ### How often is the criterion wrong?
#
# Do not believe a criterion: try it. Here are 1000 made spectra whose line **is** one Gaussian, with noise as in your
# spectrum, fitted with one and with two. Once the noise of neighbouring points is independent; once it is correlated,
# as in a drizzled cube, with the same standard deviation.

# %%
from mrskit.analysis.selection import bic_gains
from mrskit.course.shown import lesson06_figures as figures

independent = bic_gains(spectrum, one)
correlated = bic_gains(spectrum, one, correlated=True)
noises = {"independent noise": independent, "correlated noise": correlated}
figures.gains(noises, one.bic - two.bic, simulated)

# %% [markdown]
# > **Exercise `06-false-positives`.**

# %% tags=["answer"] exercise="06-false-positives"
false_positives = ...  # [percent with a gain above 0, percent above 10]
# solution begin
false_positives = np.array([100 * np.mean(correlated > 0), 100 * np.mean(correlated > 10)])
# solution end
answers.give("06-false-positives", false_positives, unit="percent")

# %% [markdown]
# With independent noise a gain above 10 hardly ever comes by chance. Correlated noise has wings and dips as wide as a
# line, and the criterion takes some of them for gas. A gain of some hundred, as for your line, is beyond doubt; one of
# 15 in a cube is not.

# %% [markdown]
# ## 7 · Maps of a line
#
# A cube is a spectrum in every spaxel, so we can fit a line in every spaxel: flux, velocity and width become images,
# each with its error. All spaxels are fitted together, in numpy, in a fraction of a second; spaxel by spaxel the
# results are those of `fit_line`. First the ion. Spaxels where the line is not at least five times its error are left
# out: velocities there would be noise.

# %%
from mrskit.analysis.maps import line_map
from mrskit.plotting import cubes as cube_plots

ion = line_map(cubes[ion_band], lines.ion_rest, program.redshift)
cube_plots.line_maps(cubes[ion_band], centre, ion, lines.ion, "06-map-ion")

# %% [markdown]
# (The patch in the south-west corner is a second hot spot, cut by the edge of the field.) Now the same for molecular
# hydrogen. It looks quite different: a ring.

# %%
molecule = line_map(cubes[molecule_band], lines.molecule_rest, program.redshift)
cube_plots.line_maps(cubes[molecule_band], centre, molecule, lines.molecule, "06-map-molecule")

# %% [markdown]
# And how well each spaxel is known: the errors are smallest where the line is strong, not where the galaxy is bright.

# %%
errors = ("flux_error", "velocity_error", "width_error")
cube_plots.line_maps(
    cubes[molecule_band], centre, molecule, lines.molecule, "06-map-errors", quantities=errors
)  # fmt: skip

# %% [markdown]
# > **Exercise `06-detected`.**

# %% tags=["answer"] exercise="06-detected"
detected = ...  # boolean array, shape of molecule.flux
# solution begin
detected = np.nan_to_num(molecule.snr) > 10
# solution end
answers.give("06-detected", detected)

# %% [markdown]
# ### The rotation, and the truth
#
# Half of the H2 ring comes towards us (blue), half goes away (red): it rotates.
#
# > **Exercise `06-velocity-map`.**

# %% tags=["answer"] exercise="06-velocity-map"
velocity_map = ...  # array, shape of molecule.velocity, km/s
# solution begin
velocity_map = np.where(detected, molecule.velocity, np.nan)
# solution end
answers.give("06-velocity-map", velocity_map, unit="km/s")

# %% [markdown]
# Once you have answered, you may see the truth beside it, of flux and width too: the simulated sky through the same
# spaxels.

# %%
truth = answers.reveal("06-velocity-map")
if truth is not None and np.isfinite(truth.velocity).any():
    cube_plots.against_truth(cubes[molecule_band], centre, molecule, truth, lines.molecule, "06-truth")
    seen = np.isfinite(truth.velocity)
    for name, unit in (("flux", "W m⁻² sr⁻¹"), ("velocity", "km/s"), ("width", "km/s")):
        off = (getattr(molecule, name) - getattr(truth, name))[seen]
        error = np.median(getattr(molecule, f"{name}_error")[seen])
        middle, scatter = np.nanmedian(off), 1.4826 * np.nanmedian(abs(off - np.nanmedian(off)))
        print(f"{name:<9} error of a spaxel {error:.2g}, difference {middle:+.2g}, scatter {scatter:.2g} {unit}")

# %% [markdown]
# The differences are larger than the errors of the fit say: these count noise alone. The flux is too small on the ring
# and too large beside it, because slices, pixels and the building of the cube blur the sky a little more. Velocities
# and widths show how light of neighbouring clumps is shared between slices, and what is left of the errors of the
# wavelength calibration. An error bar is as good as the list of what went into it.

# %% [markdown]
# ## 8 · Regions: to DS9 and back
#
# Regions that you draw in DS9 are files. This cell writes one, an ellipse on the north-east of the ring, to `Plots/`;
# open it in DS9 on your cube with *Region > Load*. One that you save there (*Region > Save*, format `ds9`, system
# `icrs`) is read in the same way.

# %%
from mrskit.analysis import regions

drawn = regions.ellipse(centre, east=0.75, north=0.55, length=1.6, width=0.8, angle=30.0)
path = regions.write_regions(space.plots / "06-ring.reg", {"ring, north-east": drawn})
region = regions.read_regions(path)["ring, north-east"]  # of the package 'regions', in sky coordinates
print(path.read_text())

# %% [markdown]
# > **Exercise `06-region`.**

# %% tags=["answer"] exercise="06-region"
cube = cubes[molecule_band]
inside = ...  # boolean array, shape of molecule.flux
# solution begin
mask = region.to_pixel(cube.wcs).to_mask(mode="center")
inside = mask.to_image(molecule.flux.shape) > 0
# solution end
answers.give("06-region", inside)

# %% [markdown]
# The region on the map of H2, and the spectrum in it, which counts each spaxel by the share that lies inside:

# %%
share = regions.region_weights(cube, region)
title = f"{lines.molecule} and a region of DS9"
cube_plots.region_map(cube, centre, molecule.flux, share, title, "06-region-map")

# %%
inner = {band: convert(regions.region_spectrum(item, region), "mJy") for band, item in cubes.items()}
spectra.curves(
    {f"ring, north-east # {name}": item for name, item in inner.items()},
    "A region of DS9", "06-region",
    "Spectra of both bands within the ellipse on the north-east of the ring; the lines of H2 stand out.",
    simulated,
)  # fmt: skip

# %% [markdown]
# ## 9 · Where the jet hits the gas
#
# Radio maps of NGC 7319 show a jet with a hot spot about an arcsecond from the nucleus. Look at the map of the ion
# again, at its *width*: north-east of the nucleus there is a place with broad lines.
#
# > **Exercise `06-knot-place`.**

# %%
if not lines.at_knot:
    print(f"The jet knot does not shine in {lines.ion}: on {setting.name} this section finds nothing to judge.")
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
searched = (distance > 0.75) & (distance < 1.25) & (north > 0) & np.isfinite(ion.flux)
best = np.argmax(np.where(searched, ion.flux, -np.inf))
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
marks = {"nucleus": (0.0, 0.0, 0.5), "place": (place[0], place[1], 0.3)}
cube_plots.line_maps(cube, centre, ion, lines.ion, "06-apertures", ("flux", "width"), circles=marks)

# %% [markdown]
# Both lines at that place, over velocity, each scaled to its own peak:

# %%
knot = {name: extract(item, ra, dec, 0.3) for name, item in cubes.items()}
fits = {}
rests = {lines.ion: (ion_band, lines.ion_rest), lines.molecule: (molecule_band, lines.molecule_rest)}
for name, (band, rest) in rests.items():
    item = knot[band]
    values = item.wavelength, item.flux, item.error
    fits[name] = item, fit_line(*values, rest, program.redshift, unit="mJy")
spectra.profiles(fits, "Two lines at the same place", "06-ion-h2", simulated)

# %% [markdown]
# > **Exercise `06-width-ratio`.**

# %% tags=["answer"] exercise="06-width-ratio"
width_ratio = ...  # width of the ion's line / width of the H2 line
# solution begin
width_ratio = fits[lines.ion][1].width / fits[lines.molecule][1].width
# solution end
answers.give("06-width-ratio", width_ratio)

# %% [markdown]
# The jet pushes the ionised gas around much more than the molecules: they sit in dense clouds that are hard to move.
# A study of the real NGC 7319 with these MRS data found the same at its jet's hot spot: σ of about 300 km/s for the
# ions and 150 km/s for H2
# ([Pereira-Santaella et al. 2022, A&A 665, L11](https://arxiv.org/abs/2208.04835)). Our simulated galaxy was made
# after that result, so it proves nothing about the real one; it shows that your measurement *would* find it.

# %% [markdown]
# ## 10 · Real spectra
#
# So far everything was simulated. The same function measures real spectra: give a folder with `x1d` or `s1d` files as
# `spectra_dir`. Public ones of the galaxy VV 114 (JWST program 1328, bands 1A to 2C) come with the software PAHFIT,
# in its folder `pahfit/data/MIRI_MRS` at [github.com/PAHFIT/pahfit](https://github.com/PAHFIT/pahfit); spectra of any
# program are in the [MAST archive](https://mast.stsci.edu).

# %%
from pathlib import Path

from mrskit.analysis.collection import collect

real = list(collect([Path(spectra_dir)])) if spectra_dir else []
print(f"{len(real)} spectra read" if real else "spectra_dir is empty: this section is skipped.")

# %% [markdown]
# With spectra, this cell prints one redshift and every line that is found. Lines that do not agree with the others
# are not used for the redshift: blends, lines beside a deep absorption, or a wavelength scale that is off. A line has
# to stand out of the scatter about it, and at least two have to agree: otherwise the redshift is withheld, and the
# cell says why.

# %%
if real:
    found = measure_lines(real, redshift)
    measured = f"z = {found.redshift:.5f} ± {found.redshift_error:.5f} from {len(found.used)} lines"
    print(f"No redshift: {found.message}. {found.hint}" if found.message else measured)
    for row in found.detected:
        moved = f"{row.velocity:+5.0f} ± {row.velocity_error:4.1f}"
        print(f"{row.line:<18}v = {moved} km/s  σ = {row.width:4.0f} km/s  S/N {row.snr:3.0f}  {row.message}")

# %%
if real and found.detected:
    title = "Real spectra: the four most significant lines"
    spectra.measured(real, found, title, "06-real-lines", False)
    there = {row.line: row.rest * (1 + found.given) for row in found.detected}
    flux = [convert(item, "Jy") for item in real if "sr" not in item.unit]
    title = "Real spectra with the lines found"
    whole.whole_range(flux, there, found.given, title, "06-real-spectrum", False)

# %% [markdown]
# ## What you can do now
#
# - Identify the lines and PAH features of an MRS spectrum, and get a redshift from lines.
# - Measure a line by a sum and by a fit, with the continuum and the instrument's width taken care of.
# - Decide by the BIC between one Gaussian and two, and say how often that goes wrong.
# - Map a line's flux, velocity and width with errors, mask what is noise, and compare with the truth.
# - Take regions to DS9 and back, and extract what they hold.
# - Compare gas phases at one place, and say what a simulation can and cannot prove.
#
# **That was the course.** `mrskit check` shows your scorecard; your figures are in `Plots/` of the workspace.

# %%
answers.summary()
