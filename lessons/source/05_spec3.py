# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · Spec3: cubes, backgrounds and spectra
#
# **Aims.** After this lesson you can write the association and the call of stage 3. You can tune outlier detection,
# find the nucleus in a cube, choose an aperture and correct for the light outside it. You can choose a background
# method by its bias and noise, and you can join the spectra of all bands.
#
# **Prerequisites.** Lesson 04 (calibrated images, MJy/sr). **Time.** 70 minutes.
#
# The data of the course are **simulated**: an imaginary NGC 7319, reduced by the unmodified `jwst` pipeline. Every
# figure says so.

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

# %%
import numpy as np

from mrskit import answers, logs, viewers
from mrskit.course.shown import lesson05_bands as all_bands, lesson05_figures as figures, target_lines
from mrskit.course.shown.cube_runs import by_dithers, comparisons
from mrskit.course.shown.stage3_files import Files

space = answers.begin("05_spec3")
setting = answers.setting()
blue, red = setting.bands  # the two bands of the setting, e.g. 1A and 2A

# %% [markdown]
# ## 2 · Run stage 3
#
# One call runs all steps: `master_background` → `outlier_detection` → `pixel_replace` (fills bad pixels from their
# neighbours) → `cube_build` → `extract_1d` → `spectral_leak`. The first run takes about a minute.

# %%
from mrskit.pipeline import stages as pipeline

options = pipeline.Options(pixel_background=pixel_bg, master_background=master_bg, scheduler=scheduler)
if "3" in stages and start_from != "s3d":
    print(*(path.name for path in pipeline.spec3(space, setting, options=options) if "Level3" in path.name), sep="\n")

# %% [markdown]
# This lesson also compares different numbers of dithers, backgrounds and extractions. For these comparisons it repeats
# **single steps on part of the data**: `cube_build` on 0.3 µm of one band, and `extract_1d` on your cubes. That takes
# half a minute. Existing products are not made again.

# %%
files = Files(space, setting)  # lists of paths: files.cal, files.crf, files.cubes, ...
small = comparisons(space, files, options)  # small cubes and spectra by name

# %% [markdown]
# ## 3 · The association of stage 3
#
# Stage 3 combines exposures. Its association has one product, `Level3`, with two kinds of members:
#
# - `science`: the calibrated **detector images** of all dithers. Stage 3 drizzles one cube from the detector pixels of
#   all exposures together, so the dithers fill the gaps that a single position leaves.
# - `background`: the **extracted spectra** of the background exposures. They become the master background.
#
# `files.by_kind` lists the files in your workspace for this setting.

# %%
files.show_kinds()

# %% [markdown]
# > **Exercise `05-association`.**

# %% tags=["answer"] exercise="05-association"
members = ...  # list of pairs (path as text, "science" or "background")
# solution begin
members = [(str(path), "science") for path in files.by_kind["Source cal"]]
members += [(str(path), "background") for path in files.by_kind["Background x1d"]]
# solution end
answers.give("05-association", files.parts(members))

# %% [markdown]
# ### In your own notebook
#
# So far a function of this kit has called the pipeline. In your own notebook you write the association and the call.
# `asn_from_list` makes the association, and `steps` contains the important parameters:
#
# ```python
# from jwst.associations.asn_from_list import asn_from_list
# from jwst.associations.lib.rules_level3_base import DMS_Level3_Base
# from jwst.pipeline import Spec3Pipeline
#
# association = asn_from_list(members, rule=DMS_Level3_Base, product_name="Level3", with_exptype=True)
# Path("level3_asn.json").write_text(association.dump()[1])
# steps = {
#     "outlier_detection": {"kernel_size": "11 1", "threshold_percent": 99.5},
#     "cube_build": {"output_type": "band", "coord_system": "skyalign"},  # or "ifualign": along the slices
#     "extract_1d": {"ifu_rfcorr": True, "ifu_autocen": True, "ifu_set_srctype": "POINT"},
# }
# Spec3Pipeline.call("level3_asn.json", steps=steps, save_results=True, output_dir="stage3")
# ```
#
# Set `output_type="band"`, because the 1-D residual-fringe correction needs one cube per band. The correction writes
# `RF_FLUX`, `RF_SURF_BRIGHT` and `RF_BACKGROUND`. It does not change `FLUX`, `SURF_BRIGHT` and `BACKGROUND`
# (documentation of `extract_1d`). The observatory's notebook plots `RF_FLUX`. **Plot both**: lesson 06 explains why.
# The pipeline logs to the terminal or the notebook. Redirect the log to a file, as the cell below does, and search that
# file for `WARNING`.
#
# `mrskit script WORKSPACE` writes the whole reduction of a workspace as a script in this form.
#
# Now write your own call. It builds a cube of the bluer band from one exposure, over part of the wavelength range, and
# extracts a point source.
#
# > **Exercise `05-own-call`.**

# %% tags=["answer"] exercise="05-own-call"
own_steps = ...  # dictionary {step: {parameter: value}}
# solution begin
own_steps = {name: {"skip": True} for name in ("master_background", "outlier_detection", "spectral_leak")}
own_steps |= {"cube_build": {"channel": str(blue.channel)}, "extract_1d": {"ifu_set_srctype": "POINT"}}
# solution end
own_verdict = answers.give("05-own-call", ... if own_steps is ... else repr(own_steps))

# %% [markdown]
# This cell runs the call. `accelerated` switches on the kit's fast versions of slow functions. Without it the call
# gives the same results but takes longer.

# %%
from mrskit.pipeline.faster.acceleration import accelerated

if files.cal and own_verdict.outcome == "passed":
    from jwst.pipeline import Spec3Pipeline

    one = files.one_exposure(own_steps)  # its association, and your steps on a tenth of the band's wavelengths
    with logs.to_file(space.logs / "own_call.log"), accelerated("spec3"):
        Spec3Pipeline.call(one.association, steps=one.steps, save_results=True, output_dir=one.folder)
    print("\n".join(one.summary()))

# %% [markdown]
# ## 4 · Outlier detection
#
# Stage 1 found the cosmic rays in the ramps. `outlier_detection` looks for **bad pixels that are not in the mask**.
# Warm pixels come and go faster than masks are updated (JDox, "MIRI MRS Known Issues"). A source moves on the detector
# with the dithers; a bad pixel stays in the same place. The step has three parts (documentation of
# `outlier_detection`):
#
# 1. In every exposure it computes the difference between a pixel and each of its left and right neighbours, and keeps
#    the smaller one. Then it keeps the smallest value over all exposures.
# 2. It divides this value by the running median over `kernel_size` pixels, so that bright sources do not count more.
# 3. It flags everything above the percentile `threshold_percent`.
#
# `outlier_detection.threshold_percent` is `99.8` by default. So the step **always** flags 0.2 % of the pixels, no
# matter how good or bad the detector is.
#
# > **Exercise `05-least-difference`.**


# %% tags=["answer"] exercise="05-least-difference"
def least_difference(images):
    result = ...  # array with one value per column
    # solution begin
    step = abs(np.diff(images, axis=1))
    nearer = np.minimum(step[:, :-1], step[:, 1:])
    result = np.column_stack([step[:, 0], nearer, step[:, -1]]).min(axis=0)
    # solution end
    return result


answers.give("05-least-difference", least_difference)

# %% [markdown]
# How good is a setting? In real data we do not know which pixels are warm. But a warm pixel is also warm in the
# **background exposures**, where it cannot be confused with a source. `warm` marks the pixels that are brighter than
# both neighbours in every background exposure. They are an independent test sample.

# %%
from mrskit.analysis import bakeoff, outliers

tried = {"code default": ((7, 7), 99.8), "observatory's notebook": ((11, 1), 99.5)}  # add one of your own
least, warm = files.least_differences(), files.warm()
masks = {name: outliers.flagged(least, *chosen) for name, chosen in tried.items() if files.cal}

# %% [markdown]
# > **Exercise `05-warm-pixels`.**

# %% tags=["answer"] exercise="05-warm-pixels"
warm_found = ...  # array of two numbers, percent
# solution begin
if masks:
    warm_found = np.array([100 * masks[name][warm].mean() for name in list(tried)[:2]])
# solution end
answers.give("05-warm-pixels", warm_found, unit="percent")

# %% [markdown]
# The figure shows one warm pixel in all four exposures, and the pixels that each setting flags around it. White pixels
# do not have a value, because they lie between two slices or are in the mask.

# %%
figures.warm_pixels(files, masks, warm)

# %% [markdown]
# Both settings find most of the clear cases, which are much brighter than their neighbours. The lower threshold finds
# only a few more but flags more than twice as many pixels. Most of these are good pixels at the edges of slices, where
# neighbours always differ. The lower threshold is worthwhile for real data, where more pixels are warm each year. The
# notebook's tall, narrow kernel follows the slices. `pixel_replace` fills all flagged pixels, good or bad, and its
# values can be wrong by a few percent in lines.
#
# Stage 2 has a second method, `badpix_selfcal`. The code skips this step. It combines all exposures with the same
# detector and flags the pixels that are bright in all of them.

# %% [markdown]
# ## 5 · The cubes
#
# Each band has its own cube, with two spatial axes and one wavelength axis. The sampling differs between channels,
# because slice widths and pixel sizes differ.

# %%
cubes, simulated = files.read_cubes()  # band name -> cube
program = target_lines.known_program(space, setting)  # as headers and parameters say; the redshift else from the cubes

# %% [markdown]
# The parameters of `cube_build` control how the cube is built. `weighting`: the default `drizzle` distributes each
# pixel by its overlap with the spaxels; `emsm` weights by distance and gives a smoother cube. `coord_system`:
# `skyalign` has north up; `ifualign` follows the slices and shows detector artefacts as straight stripes. `scalexy` and
# `scalew` change the sampling, but smaller spaxels do not add information. With any choice, neighbouring spaxels share
# detector pixels, so their noise is **correlated**.
#
# Browse the first cube. In a live notebook, there are sliders for wavelength, row and column below the figure, and a
# **click** on the image shows the spectrum of that spaxel. In DS9: `ds9 FILE_s3d.fits[SCI]`, then *Frame > Cube*.

# %%
viewers.slices(files.cubes[0], "05-cube-viewer")

# %% [markdown]
# ### Where is the nucleus?
#
# The nucleus is not exactly at the position in the proposal. Without target acquisition, the pointing of JWST is
# accurate to about 0.3 arcsec (JDox, "JWST Pointing Performance"). That error is too large for an aperture of half an
# arcsecond. So we measure the position: `centroid` computes the first moment around the brightest source in the cube's
# median over wavelength. `extract_1d` does the same with `ifu_autocen`.

# %%
from mrskit.analysis.sampling import amplitude, centroid, compared, point_fwhm, waves

centre = centroid(cubes[blue.name])  # deg: right ascension and declination
planned = program.target_ra, program.target_dec  # deg

# %% [markdown]
# > **Exercise `05-pointing`.**

# %% tags=["answer"] exercise="05-pointing"
pointing = ...  # array [east, north], arcsec
# solution begin
east = (centre[0] - planned[0]) * np.cos(np.radians(planned[1]))
pointing = 3600 * np.array([east, centre[1] - planned[1]])
# solution end
answers.give("05-pointing", pointing, unit="arcsec")

# %% [markdown]
# The figure shows the nucleus in the continuum, in a strong line of highly ionised gas, and in a line of molecular
# hydrogen. The three views differ, and lesson 06 measures the differences. Offsets are relative to the measured centre.

# %%
figures.planes(cubes, setting, centre, program.redshift)

# %% [markdown]
# A cube contains surface brightness in MJy/sr. To add up spaxels, or to compare with a flux in Jy, multiply by the
# **solid angle of a spaxel** (keyword `PIXAR_SR`, here `cube.pixel_area`), and convert MJy to Jy.
#
# > **Exercise `05-spaxel-flux`.**

# %% tags=["answer"] exercise="05-spaxel-flux"
spaxel_flux = ...  # Jy
# solution begin
cube = cubes[blue.name]
brightest = np.nanmax(cube.flux[len(cube.wavelength) // 2])  # MJy/sr
spaxel_flux = brightest * 1e6 * cube.pixel_area
# solution end
answers.give("05-spaxel-flux", spaxel_flux, unit="Jy")

# %% [markdown]
# ## 6 · One spaxel is not enough
#
# The MRS **undersamples** the point-spread function at all wavelengths, most at the short end of each channel (JDox,
# "MIRI MRS Dithering"). The amount of light in a spaxel depends on the position of the nucleus relative to slices and
# pixels. The slices are bowed on the detector, so this position changes with wavelength. The spectrum of a single
# spaxel oscillates, although that of the source does not.
#
# `sizes` contains the spectrum of the brightest spaxel, and the spectra in apertures with **radii** of 0.5, 1, 1.5 and
# 2 times the FWHM of the PSF. `waves` divides a spectrum by a smooth continuum, leaves out lines and averages 15
# planes.

# %%
sizes = compared(cubes[blue.name], centre)
middle_blue, middle = ((band.wavelength_min + band.wavelength_max) / 2 for band in setting.bands)  # um
print(f"FWHM at {middle_blue:.2f} µm: {point_fwhm(middle_blue):.2f} arcsec;", ", ".join(sizes))

# %% [markdown]
# **Before you look:** what is the smallest radius that keeps the waves below 1 %? `"a"` half a FWHM, `"b"` one to one
# and a half FWHM, `"c"` more than two FWHM.

# %%
answers.expect("05-waves", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# > **Exercise `05-waves`.**

# %% tags=["answer"] exercise="05-waves"
strengths = ...  # array of five numbers, percent
# solution begin
ends = [np.nanpercentile(waves(item, program.redshift), (5, 95)) for item in sizes.values()]
strengths = np.array([50 * (high - low) for low, high in ends])
# solution end
answers.give("05-waves", strengths, unit="percent")

# %%
figures.wave_panels(sizes, program.redshift, f"{blue.name}: one spaxel against apertures", "05-waves", simulated)

# %% [markdown]
# Compare this with your expectation. In the course's simulation one FWHM is enough, because every dither is exactly at
# its planned position. For real data you need four dithers and a radius of **1.5 FWHM or more** to stay below 1 % (Law
# et al. 2023, AJ 166, 45). A larger aperture collects more light from the galaxy and more noise. Gaps in the curves are
# emission lines. Ripples of 0.01 µm remain in every aperture: they are residual fringes and do not come from the
# sampling.
#
# ### What dithers do
#
# Each dither puts the nucleus at a different position on slices and pixels. `one` contains the spectrum of the
# brightest spaxel in cubes from 1, 2 and 4 exposures, over the same 0.3 µm. **Before you look:** four exposures reduce
# noise by a factor of
# 2. Do they reduce the waves by `"a"` less than that, `"b"` about the same, or `"c"` clearly more?

# %%
one = by_dithers(small, cubes[blue.name], centre, len(files.cal))  # number of dithers -> spectrum
answers.expect("05-dithers", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# > **Exercise `05-dithers`.**

# %% tags=["answer"] exercise="05-dithers"
dither_gain = ...  # waves with one dither / waves with all
# solution begin
if 1 in one and len(one) > 1:
    strength = {count: amplitude(item, program.redshift) for count, item in one.items()}
    dither_gain = strength[1] / strength[max(strength)]
# solution end
answers.give("05-dithers", dither_gain)

# %%
figures.wave_panels(one, program.redshift, f"{blue.name}: the brightest spaxel by dithers", "05-dithers", simulated)

# %% [markdown]
# The dither pattern moves the nucleus by half a slice from one position to the next. The waves at such positions have
# opposite signs, so they cancel. Random noise would only average down.
#
# **Adaptive trace model.** Since version 2.0 the pipeline has a step in stages 2 and 3 that reduces these waves.
# (`adaptive_trace_model.skip` is `True` by default.) The step fits a spline along each bright trace on the detector and
# uses it to oversample the image before the cube is built. It improves single spaxels of bright, compact sources. It
# does nothing where the source is faint (`fit_threshold`, 10 σ) and takes minutes per exposure. With a large aperture
# you hardly need this step.

# %% [markdown]
# ## 7 · The background
#
# NGC 7319 is larger than the field of view, so the cube does not contain empty sky. The telescope therefore also
# observed an empty field, twice, and stage 2 extracted one spectrum per background exposure and channel. For a field
# without a point source, `extract_1d` writes two averages: `SURF_BRIGHT` is the plain mean, and `BACKGROUND` is the
# mean after clipping at 3 σ. Stage 3 averages `BACKGROUND` over the exposures and so makes the **master background**.
# The slides call it a median, but a median would be noisier.
#
# > **Exercise `05-clipped-mean`.**


# %% tags=["answer"] exercise="05-clipped-mean"
def clipped_mean(values, sigma):
    result = ...  # one number, in the unit of the values
    # solution begin
    left, before = values[np.isfinite(values)], 0
    while left.size and left.size != before:
        before = left.size
        left = left[abs(left - np.median(left)) <= sigma * np.std(left)]
    result = np.mean(left) if left.size else np.nan
    # solution end
    return result


answers.give("05-clipped-mean", clipped_mean)

# %% [markdown]
# The figure shows the spectra of the empty field. A single plane is noisy, so we average over 25 planes.

# %%
levels = files.background_levels()  # label -> spectrum, MJy/sr
figures.background(levels, simulated)

# %% [markdown]
# Zodiacal light and the telescope's own heat rise steeply with wavelength. Below 7 µm the signal from the sky is
# *smaller than the dark current*. There the spectrum mostly shows the error of the dark subtraction, which differs from
# exposure to exposure.
#
# > **Exercise `05-background-level`.**

# %% tags=["answer"] exercise="05-background-level"
background_level = ...  # MJy/sr
# solution begin
own = [item for item in levels.values() if item.band == red]
means = [np.nanmean(item.flux[abs(item.wavelength - middle) < 0.1]) for item in own]
background_level = np.mean(means) if means else ...
# solution end
answers.give("05-background-level", background_level, unit="MJy/sr")

# %% [markdown]
# ### Where the background is the signal
#
# Your workspace does not contain channel 4. So the next figure uses spectra that come with the course, for all bands of
# the same simulated galaxy. The brightness of sky and telescope follows Rigby et al. (2023, PASP 135, 048002). **Before
# you look:** in which band does the sky become brighter than the galaxy? `"a"` 2A, `"b"` 4A, `"c"` in no band.

# %%
answers.expect("05-sky", ...)  # "a", "b" or "c", in the place of the dots

# %%
nuclei, galaxy = all_bands.nucleus_and_field()  # band -> spectrum, Jy; band -> mean brightness of the field, MJy/sr
sky = all_bands.SKY  # band -> brightness of sky and telescope, MJy/sr
all_bands.sky_and_galaxy(galaxy)

# %% [markdown]
# > **Exercise `05-background-error`.**

# %% tags=["answer"] exercise="05-background-error"
background_error = ...  # array of shape (2, 3), percent
# solution begin
background_error = np.zeros((2, 3))
for number, name in enumerate(("2A", "4A", "4C")):
    radius = 2 * point_fwhm(np.median(nuclei[name].wavelength)) / 206265  # rad
    in_aperture = sky[name] * 1e6 * np.pi * radius**2  # Jy
    background_error[:, number] = in_aperture / np.nanmedian(nuclei[name].flux), sky[name] / galaxy[name]
# solution end
answers.give("05-background-error", background_error, unit="percent")

# %% [markdown]
# In 4C, 98 % of the background comes from the telescope itself, whose temperature drifts. So for faint extended sources
# in channel 4, take background exposures close in time and as deep as the science exposures. Check the result outside
# the galaxy, where the surface brightness has to be zero.

# %% [markdown]
# ## 8 · Four backgrounds on the same data
#
# We compare three methods, and no subtraction at all, on the same planes of the redder band:
#
# - **none**: your standard cube with the master background added back;
# - **pixel**: subtract the mean of the background images from every science image, pixel by pixel, then build the cube.
#   Stage 2 subtracts it before the other corrections. These are linear, so the result is the same except for flagged
#   pixels.
# - **master**: your standard cube;
# - **annulus**: subtract the mean in a 1.2-1.6 arcsec ring around the nucleus, measured on the unsubtracted cube.
#
# `region` is a faint part of the galaxy's disk, 2.0 to 2.6 arcsec from the nucleus. **Before you look:** which methods
# make a spaxel noisier? `"a"` all three, `"b"` only pixel, `"c"` only master.

# %%
four, region = figures.four_cubes(cubes[red.name], small, levels, centre, master_bg and not pixel_bg)
answers.expect("05-method-noise", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# `bakeoff.noise` uses differences between planes that are five apart, so the source cancels.
#
# > **Exercise `05-method-noise`.**

# %% tags=["answer"] exercise="05-method-noise"
method_noise = ...  # array of four numbers, MJy/sr: none, pixel, master, annulus
# solution begin
if four:
    method_noise = np.array([bakeoff.noise(item, region).spaxel for item in four.values()])
# solution end
answers.give("05-method-noise", method_noise, unit="MJy/sr")

# %% [markdown]
# With `m` background exposures as deep as the science exposures, theory gives a factor √(1 + 1/m), or 1.22 for two. The
# same background image is subtracted from every exposure. But dithering puts each sky position on different pixels, so
# the noise of the background image averages down too. Without dithers it would not, and the factor for four exposures
# would be √(1 + 4/2) = 1.73.
#
# > **Exercise `05-disk-brightness`.**

# %% tags=["answer"] exercise="05-disk-brightness"
disk_brightness = ...  # MJy/sr
# solution begin
if four:
    disk_brightness = bakeoff.level(four["master"], region)
# solution end
answers.give("05-disk-brightness", disk_brightness, unit="MJy/sr")

# %% [markdown]
# The next figure compares all methods. Once you have answered, it also shows the truth, and so the **bias** of each
# method.

# %%
figures.backgrounds(four, region, simulated, answers.reveal("05-disk-brightness") if four else None)

# %% [markdown]
# - **none** does not remove the sky, so its bias contains all of the background.
# - **pixel** has almost no bias. It also removes artefacts that are fixed on the detector, but it adds noise.
# - **master** has almost no bias and does not add noise to a spaxel. But noise in the master spectrum is common to
#   every spaxel in a plane, so it does not average down: look at the noise of the mean. Artefacts that are fixed on the
#   detector remain.
# - **annulus** mistakes the inner disk for sky and subtracts it from the outer disk.
#
# > **Exercise `05-background-choice`.**

# %% tags=["answer"] exercise="05-background-choice"
background_choice = ...  # "a", "b", "c" or "d"
# solution begin
background_choice = "b"
# solution end
answers.give("05-background-choice", background_choice)

# %% [markdown]
# ## 9 · Extracted spectra
#
# We begin with a measurement that we can check, because the course's sky was simulated. Your own aperture has a radius
# of 1.5 FWHM at the middle of the redder band. It is the same for both cubes.

# %%
from mrskit.analysis.spectra import aperture_spectrum

radius = 1.5 * point_fwhm(middle)  # arcsec
own = {name: aperture_spectrum(cube, *centre, radius=radius) for name, cube in cubes.items()}
aperture = own[blue.name]  # its flux is in Jy

# %% [markdown]
# > **Exercise `05-nucleus-flux`.**

# %% tags=["answer"] exercise="05-nucleus-flux"
nucleus_flux = ...  # mJy
# solution begin
near = abs(aperture.wavelength - middle_blue) < 0.1
nucleus_flux = 1e3 * np.nanmedian(aperture.flux[near])
# solution end
answers.give("05-nucleus-flux", nucleus_flux, unit="mJy")

# %% [markdown]
# ### The light outside the aperture
#
# The flux in your aperture is not the total flux of the nucleus. A point source has **wings**: diffraction and the
# detector spread part of its light beyond any aperture. `extract_1d` corrects for this loss if the source type is POINT
# (`extract_1d.apply_apcorr` is `True` by default). Its aperture has a radius of 2 FWHM and grows with wavelength;
# `ifu_rscale` changes the radius. The factor comes from the `apcorr` reference file and includes the light that the
# background annulus removes. The slide calls this "PSF losses included in the aperture correction factor".
#
# `with_correction` and `without` contain the pipeline's POINT spectra from your cubes, with and without the aperture
# correction. **Before you look:** how much light does an aperture with a radius of 2 FWHM miss? `"a"` under 1 %, `"b"`
# about a tenth, `"c"` about half.

# %%
with_correction, without = (files.points(small, name) for name in ("point", "uncorrected"))  # band name -> spectrum
answers.expect("05-aperture-correction", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# > **Exercise `05-aperture-correction`.**

# %% tags=["answer"] exercise="05-aperture-correction"
missed = ...  # array [bluer band, redder band], percent
# solution begin
if with_correction:
    ratio = [without[name].flux / with_correction[name].flux for name in (blue.name, red.name)]
    missed = np.array([100 * (1 - np.nanmedian(item)) for item in ratio])
# solution end
answers.give("05-aperture-correction", missed, unit="percent")

# %% [markdown]
# Your own aperture also misses light from a point source: in 12:SHORT about 11 % in 1A and 18 % in 2A. The pipeline
# does not correct this loss. If you quote such a flux, state its aperture or correct it yourself.
#
# ### EXTENDED against POINT
#
# The extraction depends on `SRCTYPE`, which the step `srctype` sets in stage 2. The step uses the first item of this
# list that is set: your own `srctype.source_type`; EXTENDED for a background target; POINT for a time series;
# `SRCTYAPT`, which the proposer chose in APT; POINT for nods and point-source dithers; else EXTENDED for the MRS.

# %%
figures.source_type(files)

# %% [markdown]
# > **Exercise `05-srctype`.**

# %% tags=["answer"] exercise="05-srctype"
srctype = ...  # "a", "b", "c" or "d"
# solution begin
srctype = "a"
# solution end
answers.give("05-srctype", srctype)

# %% [markdown]
# For EXTENDED, `extract_1d` **adds up the whole field of view**, without centring, annulus or aperture correction. For
# POINT, it centres the aperture, subtracts an annulus and applies the aperture correction. `extract_1d.ifu_set_srctype`
# overrides `SRCTYPE` for this step only, and the observatory's notebook uses it. The figure shows both extractions and
# your aperture, from the same cubes.

# %%
figures.extractions(files, with_correction, own, simulated)

# %% [markdown]
# All three spectra are right, but they answer different questions. The nucleus is a point source, so POINT gives the
# spectrum of the *nucleus*, but the annulus lies on the galaxy. Your aperture gives the nucleus without its wings, plus
# the disk in front of it and behind it. EXTENDED gives nucleus and disk together, within the channel's field of view.
#
# The column `NPIXELS` of the `x1d` table gives the number of spaxels in the sum at each wavelength.
#
# > **Exercise `05-area-ratio`.**

# %% tags=["answer"] exercise="05-area-ratio"
tables = files.tables()  # band name -> table of the x1d file
area_ratio = ...  # area of the redder extraction / area of the bluer one
# solution begin
if len(tables) == 2:
    spaxels = {name: np.nanmedian(table["NPIXELS"]) for name, table in tables.items()}
    area = {name: spaxels[name] * cube.pixel_area for name, cube in cubes.items()}
    area_ratio = area[red.name] / area[blue.name]
# solution end
answers.give("05-area-ratio", area_ratio)

# %% [markdown]
# The spectrum of a uniform source would jump by that factor from channel to channel, even with a perfect calibration.
# For an extended source, extract the *same position with the same aperture* from every cube.

# %% [markdown]
# ## 10 · The spectral leak at 12.2 µm
#
# Light at 6.1 µm, in band 1B, leaks into band 3A in second order. At 12.22 µm the leak is about 2.7 % of the flux
# density at half the wavelength. The step `spectral_leak` scales the 1B spectrum and subtracts it from the 3A spectrum.
# It needs both bands in one association.
#
# > **Exercise `05-leak-extended`.**

# %% tags=["answer"] exercise="05-leak-extended"
leak_extended = ...  # "a", "b", "c" or "d"
# solution begin
leak_extended = "c"
# solution end
answers.give("05-leak-extended", leak_extended)

# %% [markdown]
# So for an extended source, you must correct the spectrum in your own aperture yourself.
#
# > **Exercise `05-leak`.**


# %% tags=["answer"] exercise="05-leak"
def leak(wavelength_3a, wavelength_1b, flux_1b, fraction):
    result = ...  # array of the shape of wavelength_3a
    # solution begin
    result = fraction * np.interp(wavelength_3a, 2 * wavelength_1b, flux_1b)
    # solution end
    return result


answers.give("05-leak", leak)

# %% [markdown]
# The figure applies your function to spectra that come with the course: the nucleus of the same simulated galaxy,
# extracted as POINT from all bands. The leak is still in these spectra. It makes a bump of one part in seventy, which
# is hard to see in the spectrum. After subtraction of a smooth curve, the bump stands out. (At 12.0 µm the figure
# leaves out an artefact from an old version of the simulation.)

# %%
all_bands.leak_corrected(leak)

# %% [markdown]
# ## 11 · The whole range: join bands and channels
#
# The next figure shows the same twelve bands, extracted as POINT and as EXTENDED. They come from an earlier simulation
# with smaller errors from band to band. Within a channel the three sub-bands see the same field. From one channel to
# the next, the spectrum of the nucleus continues without a step, but EXTENDED sums a larger field. **Before you look:**
# where is the step in EXTENDED largest? `"a"` where the nucleus is brightest, `"b"` where the disk is brightest
# compared with the nucleus, `"c"` the same at all borders.

# %%
answers.expect("05-joins", ...)  # "a", "b" or "c", in the place of the dots

# %%
ratios = all_bands.joins()  # of POINT: redder over bluer band at each of the 11 borders

# %% [markdown]
# The steps are smaller than the ratio of the areas, because the galaxy fades outwards. They are large where the disk is
# bright in a PAH feature (7.6 and 11.6 µm) and small at 18 µm, where the nucleus outshines the disk. So **a constant
# factor cannot correct spectra from different fields**. Single-plane spikes at the ends of bands come from planes that
# cover only part of the field.
#
# Steps *within* a channel have a different cause: they are calibration errors. In flight, the flux of a star is
# repeatable to better than 1 % at 5-18 µm if the date is taken into account (Law et al. 2025, AJ 169, 67). The date is
# important because the MRS has lost throughput since 2022, half of it within two years at 25 µm. `photom` corrects for
# this loss. For the course's exposures we chose an error of 3 % from band to band, which is more than in flight.
#
# **A recipe.** (1) Use the same aperture in arcsec on every cube, as large as channel 4 needs. For a point source, use
# POINT with the aperture correction. (2) Compute the ratio of medians in each overlap. (3) Keep the best-calibrated
# band, and multiply the others by the ratios in between. (4) Quote the factors. If a factor differs from 1 by more than
# a few percent, calibration errors cannot explain it. Check the background, the leak and the centre.
#
# > **Exercise `05-stitch`.**


# %% tags=["answer"] exercise="05-stitch"
def factors(ratios, anchor):
    result = ...  # array, one longer than ratios
    # solution begin
    total = np.concatenate([[1.0], np.cumprod(ratios)])
    result = total[anchor] / total
    # solution end
    return result


answers.give("05-stitch", factors)

# %% [markdown]
# The figure shows your factors for the twelve bands of the nucleus, relative to 2A (number 3):

# %%
all_bands.stitched(factors, ratios)

# %% [markdown]
# ## What is too good here
#
# - Real warm pixels come in clusters, drift within a visit, and have become much more numerous since 2022.
# - The simulated PSF is round. The real one has petals, and its cross on the detector differs with position, so real
#   aperture corrections are known only to a few percent in the wings.
# - Real dithers miss their half-slice positions by a few hundredths of an arcsecond, so the waves cancel less well.
# - Our background field is empty and close. A real field may contain sources, and the zodiacal light may have changed.
# - Residual fringes and straylight from bright sources are stronger and less regular in real data.
#
# **Going further.** For mosaics and several pointings, add more science members to one association. For a point source
# without background exposures, subtract dithers pairwise in stage 2, each as the `background` of the other. The
# keywords `CAL_VER`, `CRDS_CTX` and `S_OUTLIR` to `S_EXTR1D` show how a product was processed.

# %% [markdown]
# ## What you can do now
#
# - Write the association and the call of stage 3.
# - Explain which pixels outlier detection flags, and tune it with an independent sample.
# - Measure the position of the source, and convert MJy/sr to Jy and back.
# - Choose an aperture of 1.5 FWHM or more, and say how much light it misses.
# - Choose between no background subtraction, pixel, master and annulus by bias and noise.
# - Explain why `x1d` spectra of an extended source do not join, and join the spectra that can be joined.
#
# **Next:** lesson 06 measures lines in these cubes: `mrskit start 06`.

# %%
answers.summary()
