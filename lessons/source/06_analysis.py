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
# **Aims.** After this lesson you can identify lines and PAH features in an MRS spectrum. You can measure flux, velocity
# and width of a line with honest errors, decide whether it needs one Gaussian or two, and say how often that decision
# is wrong. You can make maps of a line with a mask, exchange regions with DS9, and compare ionised with molecular gas.
#
# **Prerequisites.** Lesson 05 (cubes, apertures, MJy/sr to Jy). **Time.** 55 minutes.
#
# The galaxy is **simulated**: its lines are brightened on purpose, so that they stand out in exposures of half a
# minute. At the end the same measurement runs on real MRS spectra, if you have some.

# %% [markdown]
# ## Parameters
#
# All parameters that you can change are in this one cell.

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
redshift = None  # of your own target, or of the object in spectra_dir, e.g. 0.0202; None: it is searched
scheduler = "local"  # "local" (two processes), "none", or the address of a dask scheduler

# %% [markdown]
# ## 1 · Start
#
# We follow two lines in this lesson: one of an ion and one of molecular hydrogen. In 12:SHORT the ion is Ne⁵⁺. It
# takes photons of 126 eV to make it, and only an active nucleus has them.

# %%
import numpy as np

from mrskit import answers, products, viewers
from mrskit.bands import Setting, resolving_power
from mrskit.course.shown import lesson06_figures as figures
from mrskit.course.shown.stage3_files import Files
from mrskit.course.shown.target_lines import band_of, known_program, targets

space = answers.begin("06_analysis")
setting = Setting(use_ch, use_band)
program = known_program(space, setting)  # as headers and parameters say; the redshift else from the cubes
lines = targets(setting, program.redshift)
ion_band, molecule_band = (band_of(line, setting, program.redshift) for line in (lines.ion, lines.molecule))
print(f"{lines.ion} in {ion_band}, {lines.molecule} in {molecule_band}")

# %% [markdown]
# (In 34:MEDIUM no line of H2 falls into the bands. Where the text says H2, read the second line of the list.)
#
# The position of the nucleus is the centroid of the bluer cube, as in lesson 05. The aperture has a radius of 1.5 FWHM
# at the ion's line, the same on both cubes. It misses about 17 % of a point source (lesson 05), so the fluxes below are
# fluxes *in this aperture*.
#
# Should you remove residual fringes? The pipeline's one-dimensional correction fills the column `RF_FLUX` of `x1d`
# files; `FLUX` is not corrected. It looks for periodic ripples, and it can alter physical features, such as molecular
# bands (Gasman et al. 2025, A&A 697, A58) or the surroundings of very bright lines. **Before you look:** by how much
# does it change the continuum of the nucleus, `"a"` under 0.1 %, `"b"` about 1 %, `"c"` several percent?

# %%
from mrskit.analysis.sampling import centroid, point_fwhm
from mrskit.analysis.spectra import aperture_spectrum, convert

shift = 1 + program.redshift
expected = lines.ion_rest * shift  # um: where the ion's line should be
files = Files(space, setting)
cubes = {cube.band.name: cube for cube in map(products.read_cube, files.cubes)}
simulated = all(cube.simulated for cube in cubes.values())
centre, radius = centroid(cubes[setting.bands[0].name]), 1.5 * point_fwhm(expected)  # deg, arcsec
nucleus = {name: convert(aperture_spectrum(cube, *centre, radius), "mJy") for name, cube in cubes.items()}
answers.expect("06-fringes", ...)  # "a", "b" or "c", in the place of the dots

# %%
figures.fringes(nucleus, simulated)

# %% [markdown]
# The correction takes out ripples of 0.01 to 0.02 µm and leaves the lines nearly as they were. That is not always so.
# In an earlier version of this simulation the lines were five times brighter. The step took their traces for fringes
# and *added* ripples of 8 % to 2A. So look at both columns before you choose one. Below we measure on the spectrum as
# extracted. The step changes the ion's velocity by about 1 km/s, far less than the uncertainty of the wavelength scale.

# %% [markdown]
# Before you measure, look: this is the cube of the ion's line. In a live notebook, move the wavelength and click on
# spaxels. Where is the line narrow, where broad, where shifted?

# %%
viewers.slices(next(path for path in files.cubes if f"_ch{ion_band[0]}" in path.name), "06-cube-viewer")

# %% [markdown]
# ## 2 · The full spectrum
#
# All twelve bands, 5 to 28 µm, extracted as a point source at the nucleus. If your workspace has all of them (`mrskit
# demo --bands all`), they come from your own cubes. If not, the course brings spectra of the same galaxy and the same
# steps, from an earlier simulation. Ticks mark where each line of the course's list *would* be at the redshift of the
# galaxy, named by **rest** wavelength over an axis of observed wavelength. The line at 15.9 µm has a question mark.

# %%
every, z = figures.all_bands(space, scheduler)  # band -> spectrum of the nucleus, Jy; its redshift
figures.full_spectrum(every, z, unnamed="[Ne III] 15.555")

# %% [markdown]
# Not every marked line is there. The continuum is dust: hot about the nucleus, cooler at long wavelengths. (The figure
# leaves out six narrow ranges. There an old version of the simulation, from which these spectra come, had a bright spot
# that it had invented.)
#
# > **Exercise `06-identify`.**

# %%
from mrskit.analysis.catalogue import LINES

print(", ".join(f"{line.species} {line.rest:.3f}" for line in LINES if 11 < line.rest < 20))

# %% tags=["answer"] exercise="06-identify"
species = ...  # text, e.g. "[Ar II]"
# solution begin
rest = 15.905 / (1 + z)
species = min(LINES, key=lambda line: abs(line.rest - rest)).species
# solution end
answers.give("06-identify", species)

# %% [markdown]
# The nucleus is not the galaxy. Here is the whole field of band 2A, as the pipeline's `x1d` sums it, beside the
# nucleus. (If you work on another setting, 2A comes from the course.) **Before you look:** the figure above shades a
# broad feature at 7.7 µm (rest). Will the field show it, compared with the nucleus, `"a"` weaker, `"b"` about as
# strong, or `"c"` much stronger?

# %%
answers.expect("06-pah", ...)  # "a", "b" or "c", in the place of the dots

# %%
figures.field_and_nucleus(files, nucleus, simulated)

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
# A line at the galaxy's redshift lies at rest wavelength × (1 + z). Any offset from that wavelength is a velocity
# relative to the galaxy. Wavelengths of the MRS are in the frame of the Sun's barycentre (`SPECSYS` is `BARYCENT`; the
# pipeline has corrected for the telescope's motion, `VELOSYS`), so you add nothing for the Earth.
#
# > **Exercise `06-velocity`.**


# %% tags=["answer"] exercise="06-velocity"
def velocity(observed_wavelength, rest, redshift):
    """Return the velocity about the redshifted rest wavelength, km/s."""
    result = ...  # number or array like observed_wavelength
    # solution begin
    result = 299792.458 * (observed_wavelength / (rest * (1 + redshift)) - 1)
    # solution end
    return result


answers.give("06-velocity", velocity)

# %% [markdown]
# `measure_lines` does it for every line of the list, with a fit: velocities about the redshift of the program,
# intrinsic widths (corrected for the instrument), and one redshift from all lines.

# %%
from mrskit.analysis.lines import fit_line, measure_lines

table = measure_lines(list(nucleus.values()), program.redshift)
figures.print_lines(table)

# %% [markdown]
# Some errors are a fraction of a km/s. They count noise alone. The **wavelength calibration** is known to 9 km/s at
# 5 µm and to 27 km/s at 28 µm (1 σ; Argyriou et al. 2023, A&A 675, A111), and your workspace has errors of that size.
# No velocity of the MRS is better than that, however bright the line. Differences between two places at the same
# wavelength are better, but slices have errors of their own. The same holds for widths: the resolving power is known
# to some percent, so a width far below the instrument's is an upper limit.

# %% [markdown]
# ## 4 · Zoom: the line and its continuum
#
# A line sits on a continuum, and every error of the continuum is an error of the flux. We measure the continuum in two
# windows without lines, one on each side.

# %%
from mrskit.plotting import spectra

spectrum = nucleus[ion_band]
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
# wavelength steps must become frequency steps: Δν = c Δλ / λ². (If you skipped the question above, `straight` gives
# you the line through both windows.)

# %%
straight = figures.straight_line(spectrum, windows)  # mJy, at every wavelength of the spectrum

# %% [markdown]
# > **Exercise `06-line-sum`.**

# %% tags=["answer"] exercise="06-line-sum"
line_sum = ...  # W / m2
# solution begin
inside = abs(spectrum.wavelength / expected - 1) < 1000 / 299792.458
metres = spectrum.wavelength[inside] * 1e-6
above = (spectrum.flux - straight)[inside] * 1e-29
line_sum = np.nansum(above * 2.99792458e8 * np.diff(metres)[0] / metres**2)
# solution end
answers.give("06-line-sum", line_sum, unit="W / m2")

# %% [markdown]
# ### How good is the error column?
#
# `spectrum.error` adds the errors of the spaxels as if they were independent. But neighbouring spaxels share detector
# pixels: their noise is correlated, and the sum is too optimistic, by a factor of 1.5 to 3 (Law et al. 2023). The
# pipeline can multiply its errors by `extract_1d.ifu_covar_scale`. In the code that is 1.0; in flight a parameter file
# of CRDS sets it. That is a silent default again, as in lesson 01. Test the error column on the continuum:
#
# > **Exercise `06-error-scale`.**

# %% tags=["answer"] exercise="06-error-scale"
error_scale = ...  # scatter of the spectrum about its continuum / median error
# solution begin
flux, error, wave = spectrum.flux, spectrum.error, spectrum.wavelength
use = np.any([(wave > a) & (wave < b) for a, b in windows], axis=0) & np.isfinite(flux)
left = flux[use] - np.polyval(np.polyfit(wave[use], flux[use], 1), wave[use])
error_scale = np.std(left) / np.median(error[use])
# solution end
answers.give("06-error-scale", error_scale)

# %% [markdown]
# What exceeds 1 is covariance, but also residual fringes and small features of the continuum: everything that the error
# column does not know. `fit_line`, below, scales its errors with the scatter that it sees.

# %% [markdown]
# ## 5 · One Gaussian
#
# A sum says how much; a fit also says how fast and how wide, and gives errors. `fit_line` fits a Gaussian on a
# straight continuum to the points within 1500 km/s, weighted by their errors.

# %%
data = spectrum.wavelength, spectrum.flux, spectrum.error
one = fit_line(*data, lines.ion_rest, program.redshift, unit="mJy")
figures.print_fit(one)

# %% [markdown]
# > **Exercise `06-velocity-error`.**

# %% tags=["answer"] exercise="06-velocity-error"
velocity_error = ...  # km/s
# solution begin
floor = np.interp(expected, (5, 28), (9, 27))
velocity_error = np.hypot(one.velocity_error, floor)
# solution end
answers.give("06-velocity-error", velocity_error, unit="km/s")

# %% [markdown]
# In 12:SHORT the flux is smaller than your sum. Keep that in mind: the next section shows why.
#
# The width as observed is not the width of the gas: the spectrograph has a line profile of its own. Its FWHM is λ/R,
# in km/s c/R, with R the resolving power (`resolving_power(wavelength)`, wavelength in µm). A Gaussian has FWHM =
# 2.3548 σ, and when two Gaussians are convolved, the squares of their widths add.
#
# > **Exercise `06-gas-width`.**


# %% tags=["answer"] exercise="06-gas-width"
def gas_width(observed_sigma, wavelength):
    """Return the intrinsic velocity dispersion of the gas, sigma, km/s."""
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
# they have three more parameters to adjust. A criterion decides whether they are *justified*. We use the Bayesian
# information criterion, BIC = n ln(χ²/n) + k ln n, for n points and k parameters. A better fit lowers the first term,
# and every parameter costs ln n. The smaller BIC wins, and a difference of more than 10 counts as decisive.
#
# The figure shows three lines without a label. One is yours. The other two were simulated, with noise as in your
# spectrum. **Before you fit:** which of them need two Gaussians, by eye?

# %%
two = fit_line(*data, lines.ion_rest, program.redshift, components=2, unit="mJy")
three = figures.unlabelled(spectrum, one, simulated)  # "A", "B", "C" -> spectrum
answers.expect("06-components", ...)  # e.g. "A and C", in the place of the dots

# %% [markdown]
# > **Exercise `06-components`.**

# %% tags=["answer"] exercise="06-components"
components = ...  # array of three numbers, each 1 or 2
# solution begin
found = []
for item in three.values():
    points = item.wavelength, item.flux, item.error
    fits = [fit_line(*points, lines.ion_rest, program.redshift, components=n, unit="mJy") for n in (1, 2)]
    found.append(2 if fits[0].bic - fits[1].bic > 10 else 1)
components = np.array(found)
# solution end
answers.give("06-components", components)

# %% [markdown]
# The figure shows your line with both models, and the parts of the model with two Gaussians:

# %%
spectra.fitted(spectrum, {"one Gaussian": one, "two Gaussians": two}, lines.ion, simulated, "06-one-or-two")
figures.print_components(two)

# %% [markdown]
# In 12:SHORT the residuals of one Gaussian show what it missed: a wing, and the flux in it. (Other settings follow
# other ions, and not all of them have a wing. Where the aperture also holds the ion's light from elsewhere, two
# questions are not judged.)
#
# > **Exercise `06-broad-width`.**

# %% tags=["answer"] exercise="06-broad-width"
broad_width = ...  # km/s, sigma
# solution begin
broad_width = (two if one.bic - two.bic > 10 else one).components[-1].width
# solution end
answers.give("06-broad-width", broad_width, unit="km/s")

# %% [markdown]
# ### How often is the criterion wrong?
#
# It can err in two ways. First, it can **miss** a wing. **Before you fit:** with ten times the noise, does your line
# still need two Gaussians? And with a hundred times the noise?

# %%
from mrskit.analysis.selection import bic_gains, noisier

factors = (1, 10, 100)

# %% [markdown]
# > **Exercise `06-noise-limit`.**

# %% tags=["answer"] exercise="06-noise-limit"
noise_gains = ...  # array of three numbers
# solution begin
noise_gains = []
for factor in factors:
    item = noisier(spectrum, factor)
    points = item.wavelength, item.flux, item.error
    fits = [fit_line(*points, lines.ion_rest, program.redshift, components=n, unit="mJy") for n in (1, 2)]
    noise_gains.append(fits[0].bic - fits[1].bic)
# solution end
answers.give("06-noise-limit", noise_gains)

# %% [markdown]
# Your line has a high signal-to-noise ratio. In a fainter galaxy you would have reported a single, symmetric line,
# though the gas is the same. So say in a paper how faint a wing your data could have shown.
#
#
# Second, it can **invent** one. The next cell makes 1000 simulated spectra whose line **is** one Gaussian, with
# noise as in your spectrum, and fits each with one and with two. First the noise of neighbouring points is independent;
# then it is correlated, as in a drizzled cube, with the same standard deviation. **Before you look:** how often will
# two Gaussians win by more than 10 with correlated noise, `"a"` never, `"b"` in about 1 %, `"c"` in 5 % or more?

# %%
answers.expect("06-false-positives", ...)  # "a", "b" or "c", in the place of the dots

# %%
independent = bic_gains(spectrum, one)
correlated = bic_gains(spectrum, one, correlated=True)
figures.gains({"independent noise": independent, "correlated noise": correlated}, one.bic - two.bic, simulated)

# %% [markdown]
# > **Exercise `06-false-positives`.**

# %% tags=["answer"] exercise="06-false-positives"
false_positives = ...  # [percent with a gain above 0, percent above 10]
# solution begin
false_positives = np.array([100 * np.mean(correlated > 0), 100 * np.mean(correlated > 10)])
# solution end
answers.give("06-false-positives", false_positives, unit="percent")

# %% [markdown]
# With independent noise a gain above 10 hardly ever comes by chance. Correlated noise has bumps and dips as wide as a
# line, and the criterion takes some of them for gas. A BIC gain of several hundred is beyond doubt; a gain of 15 in a
# cube is not.

# %% [markdown]
# ## 7 · Maps of a line
#
# A cube is a spectrum in every spaxel, so we can fit a line in every spaxel: flux, velocity and width become images,
# each with its error. Spaxels where the line is not at least five times its error are left out: velocities there would
# be noise. First the ion. **Before you look:** where will H2 be brightest, `"a"` at the nucleus, like the ion, `"b"` in
# a ring, `"c"` nowhere in particular?

# %%
from mrskit.analysis.maps import line_map
from mrskit.plotting import cubes as cube_plots

ion = line_map(cubes[ion_band], lines.ion_rest, program.redshift)
cube_plots.line_maps(cubes[ion_band], centre, ion, lines.ion, "06-map-ion")
answers.expect("06-map-molecule", ...)  # "a", "b" or "c", in the place of the dots

# %%
molecule = line_map(cubes[molecule_band], lines.molecule_rest, program.redshift)
cube_plots.line_maps(cubes[molecule_band], centre, molecule, lines.molecule, "06-map-molecule")

# %% [markdown]
# Molecular hydrogen forms a ring; near the nucleus the ion takes its place. How well is each spaxel measured? The
# errors of velocity and width are smallest where the line is strong. The error of the flux is not: it grows with the
# light of line and continuum, because photons bring noise.

# %%
errors = ("flux_error", "velocity_error", "width_error")
cube_plots.line_maps(cubes[molecule_band], centre, molecule, lines.molecule, "06-map-errors", errors)

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
# Half of the H2 ring moves towards us (blue) and half away from us (red), so the ring rotates. Use your mask, or
# `molecule.detected` if you skipped it.
#
# > **Exercise `06-velocity-map`.**

# %% tags=["answer"] exercise="06-velocity-map"
velocity_map = ...  # array, shape of molecule.velocity, km/s
# solution begin
velocity_map = np.where(detected, molecule.velocity, np.nan)
# solution end
answers.give("06-velocity-map", velocity_map, unit="km/s")

# %% [markdown]
# Once you have answered, the figure shows the truth beside your map: the simulated sky through the same spaxels.

# %%
truth = answers.reveal("06-velocity-map")
cube_plots.against_truth(cubes[molecule_band], centre, molecule, truth, lines.molecule, "06-truth")

# %% [markdown]
# The differences are larger than the errors of the fit say: these count noise alone. The flux is too small on the ring
# and too large beside it, because slices, pixels and the building of the cube blur the sky a little more. Velocities
# and widths show how light of neighbouring clumps is shared between slices, and the errors of the wavelength
# calibration from slice to slice. An error bar is as good as the list of what went into it.

# %% [markdown]
# ## 8 · Regions: to DS9 and back
#
# DS9 can save the regions you draw to a file. This cell writes such a file, an ellipse on the north-east of the ring,
# to `Plots/`. Open it in DS9 on your cube with *Region > Load*. A file that you save there (*Region > Save*, format
# `ds9`, system `icrs`) is read in the same way.

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
# The figures show the region on the map of H2 and the spectrum in it. Each spaxel counts by the share that lies inside:

# %%
share = regions.region_weights(cube, region)
cube_plots.region_map(cube, centre, molecule.flux, share, f"{lines.molecule} and a region of DS9", "06-region-map")
figures.region_spectra(cubes, region, simulated)

# %% [markdown]
# ## 9 · Where the jet hits the gas
#
# Radio maps of NGC 7319 show a jet with a hot spot about an arcsecond from the nucleus. A jet stirs the gas that it
# hits. So look for a place **off the nucleus** where the ion's lines are broad and still bright. These are the maps of
# the ion again, with a grid to read offsets from.

# %%
cube = cubes[ion_band]
rows, columns = np.indices(cube.flux.shape[1:])
x0, y0 = cube.wcs.world_to_pixel_values(*centre)
east, north = (x0 - columns) * cube.spaxel_size, (rows - y0) * cube.spaxel_size  # arcsec; east is left
cube_plots.line_maps(cube, centre, ion, lines.ion, "06-knot", ("flux", "width"), grid=True)

# %% [markdown]
# `east` and `north` are images with the shape of the map, if you want to compute the place. You may also read it off.
#
# > **Exercise `06-knot-place`.**

# %% tags=["answer"] exercise="06-knot-place"
knot_place = ...  # [east, north], arcsec
# solution begin
apart = (np.hypot(east, north) > 0.6) & (np.nan_to_num(ion.snr) > 10) & (ion.width > 180)
best = np.argmax(np.where(apart, ion.flux, -np.inf))
knot_place = np.array([east.ravel()[best], north.ravel()[best]]) if apart.any() else ...
# solution end
answers.give("06-knot-place", knot_place, unit="arcsec")

# %% [markdown]
# We extract a spectrum there, within 0.3 arcsec, and fit both lines with one Gaussian. That is less than one FWHM, on
# purpose: the nucleus is close, and a larger aperture would collect its light. So we compare widths here, not fluxes.
# (If you gave no place, the lesson goes on with a place on the opposite side of the nucleus.)

# %%
place = np.array([-0.5, -0.8]) if knot_place is ... else np.asarray(knot_place, dtype=float)
marks = {"nucleus": (0.0, 0.0, 0.5), "place": (place[0], place[1], 0.3)}
cube_plots.line_maps(cube, centre, ion, lines.ion, "06-apertures", ("flux", "width"), circles=marks)
fits = figures.two_lines(cubes, centre, place, 0.3, lines, program.redshift)  # line -> (spectrum, fit)

# %% [markdown]
# **Before you look:** which line is broader there, `"a"` the ion's, `"b"` that of H2, `"c"` neither?

# %%
answers.expect("06-ion-h2", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# > **Exercise `06-width-ratio`.**

# %% tags=["answer"] exercise="06-width-ratio"
width_ratio = ...  # width of the ion's line / width of the H2 line
# solution begin
width_ratio = fits[lines.ion][1].width / fits[lines.molecule][1].width
# solution end
answers.give("06-width-ratio", width_ratio)

# %%
spectra.profiles(fits, "Two lines at the same place", "06-ion-h2", simulated)

# %% [markdown]
# The jet pushes the ionised gas around much more than the molecules: they sit in dense clouds that are hard to move. A
# study of the real NGC 7319 with these MRS data found the same at its jet's hot spot: σ of about 300 km/s for the ions
# and 150 km/s for H2 ([Pereira-Santaella et al. 2022, A&A 665, L11](https://arxiv.org/abs/2208.04835)). Our simulated
# galaxy is modelled on that result, so it proves nothing about the real one. It shows that your measurement *would*
# find it.

# %% [markdown]
# ## 10 · Real spectra
#
# So far everything was simulated. The same function measures real spectra: give a folder with `x1d` or `s1d` files as
# `spectra_dir`. Public ones of the galaxy VV 114 (JWST program 1328, bands 1A to 2C) come with the software PAHFIT,
# in its folder `pahfit/data/MIRI_MRS` at [github.com/PAHFIT/pahfit](https://github.com/PAHFIT/pahfit); spectra of any
# program are in the [MAST archive](https://mast.stsci.edu).
#
# The cell prints one redshift and every line that is found. Lines that do not agree with the others are not used for
# the redshift: blends, lines beside a deep absorption, or a wavelength scale that is off. A line has to stand out of
# the scatter about it, and at least two have to agree. Otherwise the redshift is withheld, and the cell says why.

# %%
figures.real_lines(spectra_dir, redshift)

# %% [markdown]
# ## What is too good here
#
# - Our lines are ten times as bright as published, so that half a minute is enough. Expect maps with many empty
#   spaxels.
# - Our lines are sums of Gaussians, and so is the line-spread function. Real profiles are asymmetric, and the real
#   line-spread function has weak wings that look like a broad component of a bright line.
# - Our continuum is smooth. Real ones have ices, silicates and dust bands that no straight line follows.
# - A bright line on the sky fills its pixels, saturates, and spills into its neighbours (brighter-fatter effect): its
#   profile becomes broader than the gas.
# - We know the redshift and which lines exist. On the sky the first question is whether a line is one at all.

# %% [markdown]
# ## What you can do now
#
# - Identify the lines and PAH features of an MRS spectrum, and get a redshift from lines.
# - Measure a line by a sum and by a fit, and quote errors that know the instrument.
# - Decide by the BIC between one Gaussian and two, and say how often that goes wrong.
# - Map a line's flux, velocity and width with errors, mask what is noise, and compare with the truth.
# - Take regions to DS9 and back, and extract what they hold.
# - Compare gas phases at one place, and say what a simulation can and cannot prove.
#
# **That was the course.** `mrskit check` shows your scorecard; your figures are in `Plots/` of the workspace. Try your
# own data: `mrskit adopt --help`.

# %%
answers.summary()
