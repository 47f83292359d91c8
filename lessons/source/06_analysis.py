# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · Analysis: lines, maps and gas motions
#
# **Aims.** After this lesson you can identify lines and PAH features in an MRS spectrum. You can measure flux, velocity
# and width of a line with realistic errors, decide whether the line needs one Gaussian or two, and say how often that
# decision is wrong. You can make maps of a line with a mask, exchange regions with DS9, and compare ionised with
# molecular gas.
#
# **Prerequisites.** Lesson 05 (cubes, apertures, MJy/sr to Jy). **Time.** 55 minutes.
#
# The galaxy of the course is **simulated**. We made its lines brighter on purpose, so that they stand out in exposures
# of half a minute. At the end you can run the same measurement on real MRS spectra, if you have any.

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
# We follow two lines in this lesson: one from an ion and one from molecular hydrogen. In 12:SHORT the ion is Ne⁵⁺. Its
# formation requires photons of 126 eV, which only an active nucleus emits.

# %%
import numpy as np

from mrskit import answers, viewers
from mrskit.bands import resolving_power
from mrskit.course.shown import lesson06_figures as figures
from mrskit.course.shown.stage3_files import Files
from mrskit.course.shown.target_lines import known_program, with_bands

space = answers.begin("06_analysis")
setting = answers.setting()
program = known_program(space, setting)  # as headers and parameters say; the redshift else from the cubes
lines, ion_band, molecule_band = with_bands(setting, program.redshift)

# %% [markdown]
# In 34:MEDIUM there is no H2 line in the bands. There, use the second line that the cell prints instead of H2.
#
# The position of the nucleus is the centroid of the bluer cube, as in lesson 05. The aperture has a radius of 1.5 FWHM
# at the ion's line and is the same for both cubes. It misses about 17 % of the light from a point source (lesson 05),
# so the fluxes below are fluxes *in this aperture*.
#
# Should you remove residual fringes? The pipeline's one-dimensional correction fills the column `RF_FLUX` of `x1d`
# files; `FLUX` is not corrected. The correction removes periodic ripples, but it can change physical features, such as
# molecular bands (Gasman et al. 2025, A&A 697, A58) or the surroundings of very bright lines. **Before you look:** by
# how much does it change the continuum of the nucleus, `"a"` under 0.1 %, `"b"` about 1 %, `"c"` several percent?

# %%
from mrskit.analysis.sampling import centroid, point_fwhm
from mrskit.analysis.spectra import aperture_spectrum, convert

expected = lines.ion_rest * (1 + program.redshift)  # um: where the ion's line should be
files = Files(space, setting)
cubes, simulated = files.read_cubes()  # band name -> cube
centre, radius = centroid(cubes[setting.bands[0].name]), 1.5 * point_fwhm(expected)  # deg, arcsec
nucleus = {name: convert(aperture_spectrum(cube, *centre, radius), "mJy") for name, cube in cubes.items()}
answers.expect("06-fringes", ...)  # "a", "b" or "c", in the place of the dots

# %%
figures.fringes(nucleus, simulated)

# %% [markdown]
# The correction removes ripples of 0.01 to 0.02 µm and hardly changes the lines. That is not always the case. In an
# earlier version of the course's simulation, the lines were five times brighter. The step mistook their traces for
# fringes and *added* ripples of 8 % to 2A. So look at both columns before you choose one. Below we use the uncorrected
# spectrum. The step changes the ion's velocity by about 1 km/s, far less than the uncertainty of the wavelength scale.

# %% [markdown]
# Before you measure, look at the cube that contains the ion's line. In a live notebook, change the wavelength and click
# on spaxels. Where is the line narrow, where is it broad, and where is it shifted?

# %%
viewers.slices(next(path for path in files.cubes if f"_ch{ion_band[0]}" in path.name), "06-cube-viewer")

# %% [markdown]
# ## 2 · The full spectrum
#
# The figure shows all twelve bands, 5 to 28 µm, extracted as a point source at the nucleus. If your workspace has all
# bands (`mrskit demo --bands all`), the spectra come from your own cubes. If not, they come with the course, from an
# earlier simulation of the course's galaxy. Ticks mark where each line in the course's list *would* be at the redshift
# of the galaxy. Their labels give **rest** wavelengths, but the axis shows observed wavelengths. The line at 15.9 µm
# has a question mark.

# %%
every, z, made = figures.all_bands(space, scheduler)  # band -> spectrum of the nucleus, Jy; its redshift
figures.full_spectrum(every, z, made, unnamed="[Ne III] 15.555")

# %% [markdown]
# Not every marked line is present. The continuum comes from dust: hot dust near the nucleus, and cooler dust at long
# wavelengths. (The figure leaves out six narrow ranges, where the old version of the simulation had an artificial
# bright spot.)
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
# The nucleus is only part of the galaxy. The next figure compares it with the whole field in band 2A, as summed in the
# pipeline's `x1d`. (If you work on a different setting, 2A comes with the course.) **Before you look:** the figure
# above shades a broad feature at 7.7 µm (rest). Compared with the nucleus, will this feature in the field be `"a"`
# weaker, `"b"` about as strong, or `"c"` much stronger?

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
# A line at the galaxy's redshift is at rest wavelength × (1 + z). Any offset from that wavelength is a velocity
# relative to the galaxy. MRS wavelengths are in the barycentric frame of the solar system (`SPECSYS` is `BARYCENT`).
# The pipeline has corrected for the telescope's motion (`VELOSYS`), so you need not correct for the Earth's motion.
#
# > **Exercise `06-velocity`.**


# %% tags=["answer"] exercise="06-velocity"
def velocity(observed_wavelength, rest, redshift):
    result = ...  # number or array like observed_wavelength
    # solution begin
    result = 299792.458 * (observed_wavelength / (rest * (1 + redshift)) - 1)
    # solution end
    return result


answers.give("06-velocity", velocity)

# %% [markdown]
# `measure_lines` fits every line in the list. It gives velocities relative to the redshift of the program, intrinsic
# widths (corrected for the instrument), and one redshift from all lines.

# %%
from mrskit.analysis.lines import fit_line, measure_lines

table = measure_lines(list(nucleus.values()), program.redshift)
figures.print_lines(table)

# %% [markdown]
# Some errors are a fraction of a km/s. They include only noise. The **wavelength calibration** is accurate to 9 km/s at
# 5 µm and to 27 km/s at 28 µm (1 σ; Argyriou et al. 2023, A&A 675, A111), and the course's exposures have errors of
# that size. MRS velocities cannot be more accurate than that, even for a bright line. Velocity differences between two
# positions at the same wavelength are more accurate, but each slice has its own error. Widths have a similar limit. The
# resolving power is known to a few percent, so a width far below the instrument's is an upper limit.

# %% [markdown]
# ## 4 · Zoom: the line and its continuum
#
# A line sits on a continuum, and every error in the continuum causes an error in the line flux. We measure the
# continuum in two windows without lines, one on each side of the line.

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
# The flux of a line is its area above the continuum, in W/m². The spectrum is a flux *per unit frequency*, so convert
# the wavelength steps to frequency steps: Δν = c Δλ / λ². `straight` is the straight line through both windows. You can
# use it even if you skipped the question above.

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
# pixels, so their noise is correlated. The errors are therefore too small by a factor of 1.5 to 3 (Law et al. 2023).
# The pipeline can multiply its errors by `extract_1d.ifu_covar_scale`. In the code this factor is 1.0; in flight a
# parameter file from CRDS sets it. This is another silent default, as in lesson 01. Test the error column on the
# continuum:
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
# A value above 1 is due to covariance, residual fringes and small features in the continuum. The error column does not
# include these effects. `fit_line`, below, scales its errors to the scatter in the data.

# %% [markdown]
# ## 5 · One Gaussian
#
# A sum gives only the flux. A fit also gives velocity, width and errors. `fit_line` fits a Gaussian on a straight
# continuum to the points within 1500 km/s, weighted by their errors.

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
# In 12:SHORT the fitted flux is smaller than your sum. The next section shows why.
#
# The observed width is larger than the width of the gas, because the spectrograph broadens every line. The FWHM of its
# profile is λ/R, or c/R in km/s, where R is the resolving power (`resolving_power(wavelength)`, wavelength in µm). A
# Gaussian has FWHM = 2.3548 σ. When two Gaussians are convolved, the squares of their widths add up.
#
# > **Exercise `06-gas-width`.**


# %% tags=["answer"] exercise="06-gas-width"
def gas_width(observed_sigma, wavelength):
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
# Gas in an outflow from the nucleus adds a broad, blue-shifted wing. Two Gaussians *always* fit better than one,
# because they have three more free parameters. A criterion decides whether they are *justified*. We use the Bayesian
# information criterion, BIC = n ln(χ²/n) + k ln n, for n points and k parameters. A better fit lowers the first term,
# and every parameter adds ln n. Use two Gaussians only if they lower the BIC by **more than 10**, which counts as
# decisive; otherwise keep one.
#
# The figure shows three lines without saying which is which. One is your line. The other two were simulated, with noise
# as in your spectrum. **Before you fit:** which of the three lines need two Gaussians, by eye?

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
# The figure shows your line with both models, and the components of the model with two Gaussians:

# %%
spectra.fitted(spectrum, {"one Gaussian": one, "two Gaussians": two}, lines.ion, simulated, "06-one-or-two")
figures.print_components(two)

# %% [markdown]
# In 12:SHORT the residuals from one Gaussian show a wing and the flux that this fit missed. Other settings use other
# ions, and not all of these lines have a wing. If the aperture also contains light from the ion elsewhere in the
# galaxy, two questions are not judged.
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
# The criterion can be wrong in two ways. First, it can **miss** a wing. **Before you fit:** with ten times the noise,
# does your line still need two Gaussians? And with a hundred times the noise?

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
# though the gas is the same. So in a paper, state the faintest wing that your data could have shown.
#
#
# Second, the criterion can **invent** a wing. The next cell simulates 1000 spectra whose line **is** one Gaussian, with
# noise as in your spectrum, and fits each with one and with two Gaussians. It does this first with independent noise,
# then with correlated noise of the same standard deviation, as in a drizzled cube. **Before you look:** with correlated
# noise, how often will two Gaussians win by more than 10? `"a"` never, `"b"` in about 1 %, `"c"` in 5 % or more.

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
# With independent noise, a gain above 10 hardly ever happens by chance. Correlated noise has bumps and dips as wide as
# a line, and the criterion mistakes some of them for gas. A BIC gain of several hundred is beyond doubt, but a gain of
# 15 in a cube is not.

# %% [markdown]
# ## 7 · Maps of a line
#
# A cube has a spectrum in every spaxel, so we can fit a line in every spaxel. Flux, velocity and width become images,
# each with its error. We leave out spaxels where the line flux is less than five times its error, because velocities
# there would be noise. We begin with the ion. **Before you look:** where will H2 be brightest? `"a"` at the nucleus,
# like the ion, `"b"` in a ring, `"c"` nowhere in particular.

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
# Molecular hydrogen forms a ring, and near the nucleus we see the ion instead. How well is each spaxel measured? The
# errors of velocity and width are smallest where the line is strong. The flux error is larger there: it grows with the
# light in line and continuum, because of photon noise.

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
# `molecule.detected` if you skipped the last exercise.
#
# > **Exercise `06-velocity-map`.**

# %% tags=["answer"] exercise="06-velocity-map"
velocity_map = ...  # array, shape of molecule.velocity, km/s
# solution begin
velocity_map = np.where(detected, molecule.velocity, np.nan)
# solution end
answers.give("06-velocity-map", velocity_map, unit="km/s")

# %% [markdown]
# Once you have answered, the figure shows the truth next to your map. The truth is the simulated sky in the same
# spaxels. (For real data nobody knows the truth, and the cell says so.)

# %%
truth = answers.reveal("06-velocity-map")
cube_plots.against_truth(cubes[molecule_band], centre, molecule, truth, lines.molecule, "06-truth")

# %% [markdown]
# The differences are larger than the errors of the fit, which include only noise. The flux is too small on the ring and
# too large next to it, because slices, pixels and cube building blur the sky a little more. Velocities and widths show
# how slices mix the light from neighbouring clumps. They also show the wavelength calibration errors from slice to
# slice. An error bar is only as good as the list of effects that it includes.

# %% [markdown]
# ## 8 · Regions: to DS9 and back
#
# DS9 can save the regions you draw to a file. This cell writes such a file to `Plots/`, with an ellipse on the
# north-east of the ring. Load the file on your cube in DS9 with *Region > Load*. You can read a file that you save in
# DS9 (*Region > Save*, format `ds9`, system `icrs`) in the same way.

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
# The figures show the region on the map of H2 and the spectrum in the region. Each spaxel is weighted by the fraction
# of its area inside the region:

# %%
share = regions.region_weights(cube, region)
cube_plots.region_map(cube, centre, molecule.flux, share, f"{lines.molecule} and a region of DS9", "06-region-map")
figures.region_spectra(cubes, region, simulated)

# %% [markdown]
# ## 9 · The place where the jet hits the gas
#
# Radio maps of NGC 7319 show a jet with a hot spot about an arcsecond from the nucleus. A jet stirs the gas that it
# hits. So look for a place **off the nucleus** where the ion's lines are broad and still bright. The next figure
# repeats the maps of the ion, with a grid for reading offsets.

# %%
cube = cubes[ion_band]
east, north = figures.offsets(cube, centre)  # arcsec; east is left
cube_plots.line_maps(cube, centre, ion, lines.ion, "06-knot", ("flux", "width"), grid=True)

# %% [markdown]
# Compute the place from `east` and `north`, two images with the shape of the map, or read it off the figure.
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
# We extract a spectrum at this place, within 0.3 arcsec, and fit both lines with one Gaussian. The radius is less than
# one FWHM on purpose. The nucleus is close, and a larger aperture would collect its light. So we compare widths here,
# not fluxes. (If you did not give a place, the lesson uses a place on the opposite side of the nucleus.)

# %%
place = np.array([-0.5, -0.8]) if knot_place is ... else np.asarray(knot_place, dtype=float)
marks = {"nucleus": (0.0, 0.0, 0.5), "place": (place[0], place[1], 0.3)}
cube_plots.line_maps(cube, centre, ion, lines.ion, "06-apertures", ("flux", "width"), circles=marks)
fits = figures.two_lines(cubes, centre, place, 0.3, lines, program.redshift)  # line -> (spectrum, fit)

# %% [markdown]
# **Before you look:** which line is broader at this place, `"a"` the ion's, `"b"` that of H2, `"c"` neither?

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
# The jet pushes the ionised gas around much more than the molecules, because these are in dense clouds that are hard to
# move. A study of the real NGC 7319 with MRS data found the same at its jet's hot spot, with σ of about 300 km/s for
# the ions and 150 km/s for H2 ([Pereira-Santaella et al. 2022, A&A 665, L11](https://arxiv.org/abs/2208.04835)). Our
# simulated galaxy is modelled on that result, so it does not prove anything about the real galaxy. But it shows that
# your measurement *would* find the effect.

# %% [markdown]
# ## 10 · Real spectra
#
# The data of the course are simulated. The same function measures real spectra: set `spectra_dir` to a folder with
# `x1d` or `s1d` files. Public spectra of the galaxy VV 114 (JWST program 1328, bands 1A to 2C) come with the software
# PAHFIT, in its folder `pahfit/data/MIRI_MRS` at [github.com/PAHFIT/pahfit](https://github.com/PAHFIT/pahfit). Spectra
# from any program are in the [MAST archive](https://mast.stsci.edu).
#
# The cell prints one redshift and every line that it finds. Lines that do not agree with the others are not used for
# the redshift. They may be blends, lie next to a deep absorption, or come from a spectrum with a wrong wavelength
# scale. A line has to stand out from the scatter around it, and at least two lines have to agree. Otherwise the cell
# does not print a redshift and explains why.

# %%
figures.real_lines(spectra_dir, redshift)

# %% [markdown]
# ## What is too good here
#
# - Our lines are ten times as bright as published, so that half a minute is enough. In real maps, expect many empty
#   spaxels.
# - Our lines are sums of Gaussians, and so is the line-spread function. Real profiles are asymmetric, and the real
#   line-spread function has weak wings that look like a broad component of a bright line.
# - Our continuum is smooth. Real continua have ices, silicates and dust bands that a straight line cannot follow.
# - A bright line on the sky fills its pixels, saturates, and spills into neighbouring pixels (brighter-fatter effect).
#   Its profile becomes broader than that of the gas.
# - We know the redshift and the list of lines. In real data the first question is whether a feature is a line at all.

# %% [markdown]
# ## What you can do now
#
# - Identify the lines and PAH features of an MRS spectrum, and get a redshift from lines.
# - Measure a line by a sum and by a fit, and quote errors that include the instrument.
# - Use the BIC to decide between one Gaussian and two, and say how often that decision is wrong.
# - Map a line's flux, velocity and width with errors, mask the noise, and compare with the truth.
# - Exchange regions with DS9, and extract spectra from them.
# - Compare gas phases at the same place, and say what a simulation can and cannot prove.
#
# **That was the course.** `mrskit check` shows your scorecard; your figures are in `Plots/` of the workspace. Try your
# own data: `mrskit adopt --help`.

# %%
answers.summary()
