# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 04 · Spec2: from count rates to calibrated detector images
#
# **Aims.** After this lesson you can write an association and call `Spec2Pipeline` in a notebook of your own. You can
# say which wavelength and which position on the sky a detector pixel sees, and put the steps of stage 2 in the right
# order. You can measure how the corrections for straylight and fringes changed *your* data, and test what they can
# destroy. You can decide whether to subtract the background pixel by pixel.
#
# **Prerequisites.** Lesson 03 (rate images, DN/s). **Time.** 60 minutes, of which the pipeline takes about two.
#
# The data of the course are **simulated**: raw exposures of an imaginary NGC 7319, reduced by the unmodified `jwst`
# pipeline. Every figure says so. If the workspace has only calibrated files (`start_from = "cal"`), the sections on
# single steps are skipped.

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
from astropy.io import fits

from mrskit import answers, logs, products, viewers
from mrskit.bands import Setting
from mrskit.course.shown import fringe_runs, lesson04_curves as curves, lesson04_figures as figures, own_calls

space = answers.begin("04_spec2")
setting = answers.setting()

# %% [markdown]
# ## 2 · Run stage 2
#
# The kit calibrates all science exposures with one call and all background exposures with another. Existing products
# whose inputs, parameters and reference files have not changed are not made again, so the second run is quick.
#
# Science exposures stop at the calibrated detector image `cal`. Background exposures go on to a spectrum `x1d`,
# because stage 3 makes the master background from those spectra.

# %%
from mrskit.pipeline import stages as pipeline

options = pipeline.Options(pixel_background=pixel_bg, master_background=master_bg, scheduler=scheduler)
for role, chosen in (("source", stages), ("background", stages_bg)):
    if "2" in chosen and start_from not in ("cal", "s3d"):
        print(f"{role:<12}{len(pipeline.spec2(space, setting, role=role, options=options))} products")

# %% [markdown]
# ## 3 · Associations: which exposures belong together
#
# Stage 1 treats every exposure alone. From stage 2 on, a step can need several exposures. An **association** is a small
# JSON file that lists them. It has *products*, each product has *members*, and each member has an `exptype`.
#
# | `exptype` | role |
# |---|---|
# | `science` | the exposure to calibrate: exactly one in an association of stage 2 |
# | `background` | rate images of the empty field, subtracted unless `bkg_subtract` is skipped |
# | `selfcal` | more exposures with the same detector, to find bad pixels that are not in the mask |
#
# A function of jwst writes associations. This is the smallest association, with only the science exposure:

# %%
from jwst.associations.asn_from_list import asn_from_list
from jwst.associations.lib.rules_level2_base import DMSLevel2bBase

rates = products.find(space.stage("source", "stage1"), "rate", setting)
empty = products.find(space.stage("background", "stage1"), "rate", setting)  # of the empty field
if rates:
    smallest = asn_from_list([str(rates[0])], rule=DMSLevel2bBase, product_name_func=lambda *_: "my_first_dither")
    print(smallest.dump()[1])

# %% [markdown]
# `product_name_func` gives the product its name; without it the rule uses the whole path. You can ignore the warning
# about path information here. The observatory's notebook writes a much larger association. It adds the background
# exposures as `background`, and all exposures, science and background, as `selfcal`. Background members take part in
# the self-calibration anyway (documentation of `badpix_selfcal`), so it is enough to list the other science exposures.
# Both ways are right, and you may also list the science exposure itself.
#
# > **Exercise `04-asn-members`.**

# %% tags=["answer"] exercise="04-asn-members"
association = ...  # what asn_from_list gives, with more members
# solution begin
association = asn_from_list([str(rates[0])], rule=DMSLevel2bBase, product_name_func=lambda *_: "own")
members = association["products"][0]["members"]
members += [{"expname": str(path), "exptype": "background"} for path in empty]
members += [{"expname": str(path), "exptype": "selfcal"} for path in rates[1:]]
# solution end
asn_verdict = answers.give("04-asn-members", ... if association is ... else association.dump()[1])

# %% [markdown]
# From here on we look at the first dither position.

# %%
cal_file = products.find(space.stage("source", "stage2"), "cal", setting)[0]
simulated, cal = products.read_exposure(cal_file).simulated, fits.getdata(cal_file, "SCI")

# %% [markdown]
# ## 4 · The WCS: the position and wavelength of every pixel
#
# The first step, `assign_wcs`, does not change the image. It attaches the instrument model. Three functions of the
# detector position give
#
# - **alpha**, the angle along a slice, in arcsec,
# - **beta**, the angle across the slices, in arcsec: the same for all pixels of a slice,
# - **lambda**, the wavelength, in µm.
#
# A second set of functions uses the telescope's pointing to convert (alpha, beta) to right ascension and declination.
#
# > **What do you expect?** Two slices lie side by side on the detector. On the sky they are `"a"` neighbours too, `"b"`
# > far apart, `"c"` at the same position, at different wavelengths.

# %%
answers.expect("04-coordinates", ...)  # "a", "b" or "c", in the place of the dots

# %%
from mrskit.pipeline.steps import wcs

pixels = wcs.detector_coordinates(cal_file)
wavelength, slices = pixels.wavelength, pixels.slice  # um; 100 x channel + slice, 0 between the slices
figures.coordinates(pixels.alpha, pixels.beta, wavelength, setting, simulated)

# %% [markdown]
# Wavelength runs along the columns: upwards in channels 1 and 2, downwards in channels 3 and 4. Beta jumps from slice
# to slice. The slices are bowed, and lines of equal wavelength are tilted by a few rows, too little to see in this
# figure. So a row does not have a single wavelength, and a column does not have a single position. Between the slices
# there is no light from the sky. The wavelength is `nan` there, and the slice number is 0.
#
# Look up a pixel. In a live notebook, click into the second figure or move its sliders. Elsewhere, change the numbers
# in the cell. In which direction does the wavelength change? And the position on the sky?

# %%
viewers.places(cal, pixels, (610, 377), "Surface brightness (MJy/sr)", "04-pick", simulated)

# %% [markdown]
# > **Exercise `04-pixel-wavelength`.**

# %% tags=["answer"] exercise="04-pixel-wavelength"
pixel_wavelength = ...  # um
# solution begin
pixel_wavelength = wavelength[300, 150]
# solution end
answers.give("04-pixel-wavelength", pixel_wavelength, unit="um")

# %% [markdown]
# The next cell picks the middle pixels of two slices that lie side by side on the detector.

# %%
first, second = figures.neighbours(slices)

# %% [markdown]
# > **Exercise `04-sky-distance`.**

# %% tags=["answer"] exercise="04-sky-distance"
sky_distance = ...  # arcsec
# solution begin
cosine = np.cos(np.deg2rad(pixels.dec[first]))
across = (pixels.ra[second] - pixels.ra[first]) * cosine
sky_distance = 3600 * np.hypot(across, pixels.dec[second] - pixels.dec[first])
# solution end
answers.give("04-sky-distance", sky_distance, unit="arcsec")

# %% [markdown]
# Keep that distance in mind for section 6. Light that strays to the next slice on the detector appears somewhere else
# in the cube.
#
# ### Where does a line fall on the detector?
#
# NGC 7319 recedes with z = 0.0225, so a line with the rest wavelength λ₀ is observed at λ₀ (1 + z). In 12:SHORT, look
# for [Ne VI] 7.652 µm in channel 2. Only an active nucleus can ionise gas that much.

# %%
place, numbers = figures.line_slices(space, setting, pixels)  # um; the slices that see the line

# %% [markdown]
# > **Exercise `04-line-rows`.**

# %% tags=["answer"] exercise="04-line-rows"
line_rows = ...  # array of shape (len(numbers),), detector rows
# solution begin
close = abs(wavelength - place) < 0.002
line_rows = np.array([np.median(np.nonzero(close & (slices == number))[0]) for number in numbers])
# solution end
answers.give("04-line-rows", line_rows)

# %% [markdown]
# ## 5 · The order of the steps
#
# The workshop's slides show the fringe correction first and the straylight correction second. The pipeline uses a
# different order. Think of what happened to the light on its way to the detector. The steps in alphabetical order are:
#
# | number | step | what it does |
# |---|---|---|
# | 1 | `assign_wcs` | attaches alpha, beta and wavelength |
# | 2 | `bkg_subtract` | removes the mean background exposure (only with `pixel_bg`) |
# | 3 | `flat_field` | corrects the response of each pixel |
# | 4 | `fringe` | corrects the fringes with a measured fringe flat |
# | 5 | `photom` | turns DN/s into MJy/sr |
# | 6 | `residual_fringe` | fits and removes the fringes that are left (`residual_fringe.skip` is `True` by default) |
# | 7 | `srctype` | decides whether the source is POINT or EXTENDED |
# | 8 | `straylight` | removes light that was scattered inside the detector |
#
# > **Exercise `04-step-order`.**

# %% tags=["answer"] exercise="04-step-order"
step_order = ...  # six numbers
# solution begin
step_order = [2, 8, 3, 4, 5, 6]
# solution end
answers.give("04-step-order", step_order)

# %% [markdown]
# > **Exercise `04-calibrate-pixel`.**


# %% tags=["answer"] exercise="04-calibrate-pixel"
def calibrate(rate, straylight, flat, fringe, factor):
    brightness = ...  # MJy/sr
    # solution begin
    brightness = (rate - straylight) / (flat * fringe) * factor
    # solution end
    return brightness


answers.give("04-calibrate-pixel", calibrate)

# %% [markdown]
# `srctype` uses the first item of this list that is set (code of `srctype`, jwst 3.0.0): your parameter
# `srctype.source_type`; EXTENDED for a background target; the keyword `SRCTYAPT`, which the proposer chose in APT; the
# dither pattern; otherwise EXTENDED for the MRS. The source type decides how stage 3 extracts a spectrum. Look it up:

# %%
header = dict(fits.getheader(cal_file)) | dict(fits.getheader(cal_file, "SCI"))
print({key: header.get(key) for key in ("SRCTYAPT", "PATTTYPE", "SRCTYPE", "S_STRAY", "S_FRINGE", "S_RESFRI")})

# %% [markdown]
# To change the source type later, use `extract_1d.ifu_set_srctype = "POINT"` in stage 3 (lesson 05).
#
# ### All steps
#
# *Code* is the installed code's default, *flight* includes the parameter files from CRDS, and *here* is this course.
#
# | step | code | flight | here | why |
# |---|---|---|---|---|
# | `assign_wcs` | on | on | on | every pixel gets its position and wavelength |
# | `badpix_selfcal` | off | off | off | needs many exposures to distinguish warm pixels from sources |
# | `clean_flicker_noise` | off | off | off | a problem of the near-infrared detectors |
# | `bkg_subtract` | on | on | off | runs if there are background members; the course subtracts in stage 3 |
# | `srctype` | on | on | on | decides how the spectrum is extracted |
# | `straylight` | on | on | on | section 6 |
# | `flat_field` | on | on | on | the response of the pixels |
# | `fringe` | on | on | on | section 8 |
# | `photom` | on | on | on | section 9 |
# | `residual_fringe` | off | off | off | section 8 |
# | `adaptive_trace_model` | off | off | off | a model of a point source that reduces resampling noise (lesson 05) |
# | `pixel_replace` | off | off | off | done in stage 3 |
# | `cube_build` | on | on | off | stage 3 makes the cubes, from all dithers |
# | `extract_1d` | on | on | off | stage 3 makes the spectra; on for background exposures |
#
# ### In your own notebook
#
# ```python
# from jwst.pipeline import Spec2Pipeline
#
# _, text = association.dump()
# open("stage2/own_asn.json", "w").write(text)
# steps = {"straylight": {"skip": True}}
# Spec2Pipeline.call("stage2/own_asn.json", steps=steps, save_results=True, output_dir="stage2")
# ```
#
# - `call` accepts an association, or just a rate file if it needs no other exposure.
# - The log appears below the cell. In this lesson the log goes to a file in `logs/`.
# - Stage 2 builds one cube per band but saves only the first. It saves a spectrum for each band. Look for `_cal.fits`,
#   `_s3d.fits` and `_x1d.fits`. Stage 3 needs only the `cal` files of the source and the `x1d` files of the background.
#
# Parameters that matter: `bkg_subtract.skip`, `badpix_selfcal.skip`, `straylight.clean_showers`,
# `residual_fringe.skip`, `photom.apply_time_correction`, `cube_build.skip`, `extract_1d.ifu_rfcorr`.
#
# > **Exercise `04-own-steps`.**

# %% tags=["answer"] exercise="04-own-steps"
own_steps = ...  # {"step": {"parameter": value}, ...}
# solution begin
own_steps = {"straylight": {"skip": True}, "bkg_subtract": {"skip": True}, "extract_1d": {"skip": True}}
# solution end
verdict = answers.give("04-own-steps", ... if own_steps is ... else repr(own_steps))

# %% [markdown]
# Now call the pipeline with your association and your dictionary. Until they are right, the lesson uses its own
# association and dictionary. `accelerated("spec2")` replaces slow functions with faster ones that give the same
# results. Without it the call takes more than a minute.

# %%
from jwst.pipeline import Spec2Pipeline

from mrskit.pipeline.faster.acceleration import accelerated

if rates:
    own, name, steps = own_calls.of_stage2(space, (asn_verdict, association, smallest), (verdict, own_steps))
    with logs.to_file(space.logs / "own_spec2.log"), accelerated("spec2"):
        Spec2Pipeline.call(name, steps=steps, save_results=True, output_dir=str(own))

# %% [markdown]
# ## 6 · Straylight
#
# Below 10 µm the MIRI detectors do not absorb all the light. Much of it passes through the absorbing layer and is
# reflected inside the detector. It comes back elsewhere, mostly along the **row** and the **column** that it fell on.
# In an image from the MIRI Imager this makes a bright cross, the *cruciform*. In the MRS the arms along a row cross all
# other slices, and neighbours on the detector are not neighbours on the sky. The cube therefore shows a **strip**, the
# "bacon strip" of the slides. Its peak is at most 1 % of the source, but the arms are hundreds of pixels long. Together
# they contain up to 20 % of the light.
#
# The step does two things. It predicts the cross from the image itself, with a kernel from a reference file, and
# subtracts it. Then it computes the median of the strip between the two channels, where there is no slice, and
# subtracts it everywhere. This median is the **pedestal** that the dark subtraction left.
#
# We run stage 2 once more on the first exposure, keep the image after each step, and build a cube *with* the
# correction. Your own call built the cube *without* the correction.
#
# > **What do you expect?** The nucleus is a point source. Without the correction, its scattered light appears in the
# > cube `"a"` as a round halo, `"b"` along a straight strip, `"c"` evenly over the whole field.

# %%
answers.expect("04-strip", ...)  # "a", "b" or "c", in the place of the dots

# %%
experiment = fringe_runs.each_step(space, rates)  # the file after each step, and the cube; empty without rate images
after = {step: fits.getdata(experiment[step], "SCI") for step in fringe_runs.STEPS if experiment}
figures.strip(space, experiment)

# %% [markdown]
# The imager's detector shows the whole cross (that panel is a drawing). The slicer of the MRS rearranges it. The
# scattered light appears in straight strips across the field, one of them through the nucleus. A spectrum of any object
# in such a strip contains light from the nucleus. Now measure the light where there should not be any: in the **gaps**
# between the slices of the left channel, two or more pixels away from any slice. `lit` marks pixels in slices, for
# comparison.

# %%
gaps, lit = figures.gaps(slices, use_ch)
rate = fits.getdata(rates[0], "SCI") if rates else None
figures.straylight(rate, after.get("straylight"), slices, simulated)

# %% [markdown]
# > **Exercise `04-cross-artifact`.**

# %% tags=["answer"] exercise="04-cross-artifact"
scattered = ...  # [before, after], percent
# solution begin
light = np.nanmean(rate[lit])
scattered = [100 * np.nanmean(image[gaps]) / light for image in (rate, after["straylight"])]
# solution end
answers.give("04-cross-artifact", scattered, unit="percent")

# %% [markdown]
# Stray light falls on the slices as well as between them. So your first number is roughly the fraction of all light
# that is scattered, the "up to 20 %" of the slides. In flight the correction leaves 1 to 2 %, because the kernel is not
# known exactly. In the course's simulation, too, the instrument's kernel differs from the reference file. Other stray
# light is not corrected, for example the arm along the columns (STScI, *MIRI MRS Known Issues*).

# %% [markdown]
# ## 7 · The flat
#
# Pixels are not equally sensitive. The flat records each pixel's response relative to the mean, and the step divides by
# it. The image changes by a percent or two, at random from pixel to pixel, so a figure would only show noise. But an
# error in the flat always affects the same pixel, and only dithers average it out.

# %% [markdown]
# ## 8 · Fringes
#
# The detector is a plane-parallel plate of silicon, half a millimetre thick. Light that is reflected back and forth
# inside the plate interferes with itself, so the signal rises and falls with wavelength. These **fringes** have a
# contrast of 10 to 30 %, or up to 40 % for a bright point source. The interference repeats at equal steps in
# *wavenumber* 1/λ, not in wavelength:
#
# Δ(1/λ) = 1 / (2 n D) ≈ 2.9 cm⁻¹
#
# with the refractive index n = 3.4 and the thickness D = 0.5 mm. The detector has more than one such layer, so real
# fringes are two waves that beat against each other (Crouzet et al. 2025, A&A 698, A77).
#
# Two corrections exist. The `fringe` step divides by the **fringe flat**, a pattern that was measured with extended
# sources. The pattern **depends on the illumination**: the light from a point source arrives at different angles, and
# its fringes are shifted. The **residual fringe** correction fits waves to the remaining fringes and removes them.
# There are two versions: 2-D on the detector, column by column (`residual_fringe.skip` is `True` by default), and 1-D
# on a spectrum, in `extract_1d` (`extract_1d.ifu_rfcorr` is `True` by default). The 1-D correction does not change the
# column `FLUX`. It writes **`RF_FLUX`**, `RF_SURF_BRIGHT` and `RF_BACKGROUND`:

# %%
for spectrum_file in sorted(space.stage("background", "stage2").glob("*x1d.fits"))[:1]:
    print(fits.getdata(spectrum_file, "EXTRACT1D").names)

# %% [markdown]
# > **What do you expect?** The data are divided by the fringe flat. Are the remaining fringes `"a"` larger in the point
# > source, `"b"` larger in the extended source, or `"c"` equal in both?

# %%
answers.expect("04-fringes", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# We look along the brightest column of the nucleus (channel 1), and along seven columns of the galaxy's disk in the
# long ramp (channel 2). Each profile has 120 rows and is divided by a smooth curve. We run the 2-D step on one slice
# only, because it is the slowest step of stage 2. (The bump at 1311 cm⁻¹ in the disk is an emission line.)

# %%
wavenumber, waves = fringe_runs.of_point(space, experiment, pixels)
curves.fringes((wavenumber, waves), fringe_runs.of_extended(space, pixels), simulated)

# %% [markdown]
# > **Exercise `04-fringe-fit`.**


# %% tags=["answer"] exercise="04-fringe-fit"
def fringe_amplitude(wavenumber, ratio, period):
    amplitude = ...  # percent
    # solution begin
    phase = 2 * np.pi * wavenumber / period
    waves_of_period = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=1)
    good = np.isfinite(ratio) & np.isfinite(phase)
    _, a, b = np.linalg.lstsq(waves_of_period[good], ratio[good], rcond=None)[0]
    amplitude = 200 * np.hypot(a, b)
    # solution end
    return amplitude


answers.give("04-fringe-fit", fringe_amplitude)

# %% [markdown]
# > **Exercise `04-fringe-left`.**

# %% tags=["answer"] exercise="04-fringe-left"
period = {"12": 2.92, "34": 2.80}[use_ch]  # cm^-1
fringe_left = ...  # [after the fringe flat, after the 2-D step]
# solution begin
amplitudes = [fringe_amplitude(wavenumber, waves[label], period) for label in ("before", "fringe flat", "2-D")]
fringe_left = np.array(amplitudes[1:]) / amplitudes[0]
# solution end
answers.give("04-fringe-left", fringe_left)

# %% [markdown]
# ### Can a correction destroy lines?
#
# Molecules produce rows of narrow lines at nearly equal steps in wavenumber. These lines look like fringes. We test how
# the 1-D correction changes them. `regular_lines(spacing)` simulates a spectrum of band 1A with such lines, noise, and
# **no fringes at all**, so an ideal correction would change nothing.
#
# > **What do you expect?** Fringes have a period of 2.9 cm⁻¹. If there is a line every 6 cm⁻¹, the correction leaves
# > `"a"` nearly all of each line, `"b"` about half, `"c"` nearly nothing.

# %%
answers.expect("04-lines", ...)  # "a", "b" or "c", in the place of the dots

# %%
from mrskit.course.shown.fringe_runs import regular_lines
from mrskit.pipeline.steps.fringes import correct_1d

spacings = (2.9, 6.0, 20.0)  # cm^-1
curves.lines_alone(spacings, simulated)

# %% [markdown]
# > **Exercise `04-lines-left`.**

# %% tags=["answer"] exercise="04-lines-left"
lines_left = ...  # array of shape (3,)
# solution begin
lines_left = []
for spacing in spacings:
    along, pattern, flux = regular_lines(spacing)
    depths = [np.polyfit(pattern, one, 1)[0] for one in (flux, correct_1d(flux, along, 1))]
    lines_left.append(depths[1] / depths[0])
# solution end
answers.give("04-lines-left", lines_left)

# %% [markdown]
# Lines every 6 cm⁻¹ suffer because a row of narrow lines also contains waves of half and a third of its spacing, and
# these look like fringes. The test is hard: the lines fill the whole band, and there is nothing else to fit. The
# nucleus of the course's galaxy has real lines in band 1A, the P branch of **CO**. Their spacing grows from 4.4 to 5
# cm⁻¹, and they end at 5.2 µm. In the same test, the correction leaves at least 97 % of the CO pattern. Try your own
# molecule before you trust a corrected spectrum.
#
# > **Exercise `04-fringe-choice`.**

# %% tags=["answer"] exercise="04-fringe-choice"
fringe_choice = ...  # "a", "b", "c" or "d"
# solution begin
fringe_choice = "b"
# solution end
answers.give("04-fringe-choice", fringe_choice)

# %% [markdown]
# Do not conclude from our numbers that one correction is better. The simulated fringes are more regular than real ones.
# For real data, the documentation of jwst says, "empirically, the 1-D correction step has been found to work better
# than the 2-D correction step if it is applied to per-band spectra", and the observatory's notebook leaves the 2-D step
# off. Both corrections can change physical features in a way that is not systematic (Gasman et al. 2025, A&A 697, A58).
# So publish a line only if you see it in both `FLUX` and `RF_FLUX`.

# %% [markdown]
# ## 9 · Photometry: from DN/s to MJy/sr
#
# `photom` multiplies each pixel by a conversion factor. The result is a **surface brightness**, the power that arrives
# per unit area, frequency and *solid angle on the sky*. 1 MJy/sr is 10⁶ Jy per steradian, with 1 Jy = 10⁻²⁶ W m⁻² Hz⁻¹.
# A surface brightness is not a flux. Lesson 05 converts between the two.
#
# > **Exercise `04-photom-factor`.**

# %% tags=["answer"] exercise="04-photom-factor"
channel = setting.bands[0].channel
photom_factor = ...  # MJy/sr per DN/s
# solution begin
inside = slices // 100 == channel
photom_factor = np.nanmedian(cal[inside] / after["fringe"][inside])
# solution end
answers.give("04-photom-factor", photom_factor)

# %% [markdown]
# ### Throughput and time
#
# The long channels of the MRS have been losing sensitivity since launch: 15 to 50 % in a year in channel 4, up to 10 %
# in channel 3, less than 1 % in channels 1 and 2 (STScI news, 25 May 2023). The loss is slowing down. `photom` corrects
# for it at the date of the exposure, with coefficients from a reference file (`photom.apply_time_correction` is `True`
# by default). With the correction, fluxes are repeatable to better than 1 % from 5 to 18 µm (Law et al. 2025, AJ 169,
# 67).
#
# > **Exercise `04-throughput`.**


# %% tags=["answer"] exercise="04-throughput"
def throughput(days, year1value, tsoft, alpha):
    relative = ...  # dimensionless
    # solution begin
    relative = np.minimum(year1value * ((np.asarray(days) + tsoft) / (365 + tsoft)) ** alpha, 1.0)
    # solution end
    return relative


throughput_verdict = answers.give("04-throughput", throughput)

# %% [markdown]
# The figure shows your function with the coefficients of the reference files, at the middle wavelength of each channel.
# The dashed line is the date of our exposures. Their correction is nearly 1, so switching it off would change nothing
# here. Read off how much flux would be missing in an exposure two years later.

# %%
long_rates = products.find(space.stage("source", "stage1"), "rate", Setting("34", "SHORT"))
curves.throughput([*rates[:1], *long_rates[:1]], throughput, throughput_verdict, simulated)

# %% [markdown]
# ## 10 · The calibrated images
#
# The figure shows the calibrated science and background exposures of the first dither. Each has its own scale, because
# the background is much fainter.

# %%
for background_file in products.find(space.stage("background", "stage2"), "cal", setting)[:1]:
    figures.science_and_background(cal, fits.getdata(background_file, "SCI"), setting, simulated)

# %% [markdown]
# Look for the features that you saw in the raw data: the nucleus as bright vertical traces in the middle of some
# slices, emission lines as short bright blobs that repeat from slice to slice, and the empty strip between the
# channels. The background exposure shows the sky and the thermal emission of the telescope. Both rise steeply with
# wavelength, which increases upwards and from the left channel to the right one.
#
# > **Exercise `04-missing-pixels`.**

# %% tags=["answer"] exercise="04-missing-pixels"
missing_pixels = ...  # percent
# solution begin
missing_pixels = 100 * np.isnan(cal[slices > 0]).mean()
# solution end
answers.give("04-missing-pixels", missing_pixels, unit="percent")

# %% [markdown]
# Four dithers put the same position on the sky on different pixels, so the cube from stage 3 has almost no holes. This
# is one reason why dithers are mandatory.

# %% [markdown]
# ## 11 · Should the background be subtracted pixel by pixel?
#
# With `pixel_bg = True`, `bkg_subtract` averages the rate images of the background exposures (a **sigma-clipped
# mean**, not a median as many slides say) and subtracts the result from the science rate image, pixel by pixel.
#
# - *For:* the subtraction removes the sky and everything that is fixed on the detector: errors in the dark, warm
#   pixels, errors in the flat.
# - *Against:* the background image is noisy, and its noise is added to the science image. It does not contain the stray
#   light from a bright source.
#
# > **Exercise `04-background-noise`.**

# %% tags=["answer"] exercise="04-background-noise"
noise_factor = ...  # noise after subtraction / noise before
# solution begin
noise_factor = np.sqrt(1 + 1 / len(empty)) if empty else ...
# solution end
answers.give("04-background-noise", noise_factor)

# %% [markdown]
# Do the data agree with this factor? We subtract the mean background by hand and compare the scatter of the pixels in
# the dark strip, which receives no light from the sky. (The figure appears when you have answered.)

# %%
if after and empty and noise_factor is not ...:
    figures.noise(rate, np.mean([fits.getdata(path, "SCI") for path in empty], axis=0), slices, simulated)

# %% [markdown]
# For this target the course follows the workshop: no pixel subtraction, but a master background in stage 3. The
# notebook of the workshop has a switch for each method, `pixel_bg` and `master_bg`, and you can set both to `True`.
#
# > **Exercise `04-both-backgrounds`.**

# %% tags=["answer"] exercise="04-both-backgrounds"
both_backgrounds = ...  # "a", "b", "c" or "d"
# solution begin
both_backgrounds = "b"
# solution end
answers.give("04-both-backgrounds", both_backgrounds)

# %% [markdown]
# ## 12 · What is too good here
#
# - Our fringes are two regular waves. Real fringes change with the position of the source inside the slice, and a
#   single flat cannot fit all of them.
# - The straylight kernel is wrong by a known amount, and only the arm along the rows is simulated. Real data have an
#   arm along the columns too.
# - Our wavelength scale is accurate to 9-27 km/s, as published, but its errors are the same in all exposures.
# - The exposures are dated July 2022, when the conversion factors are valid. Data from later years depend on the time
#   correction.
# - One flat fits all our exposures. In flight, warm pixels come and go within days.

# %% [markdown]
# ## What you can do now
#
# - Write an association for stage 2, and call `Spec2Pipeline` with your own parameters.
# - Convert a detector pixel to slice, position and wavelength, and find the detector rows of a spectral line.
# - Explain why `straylight` runs before `flat_field` and `fringe`, and write the calibration of a pixel as a function.
# - Measure how much straylight and fringing is left in your own data, and test how a correction changes lines like
#   yours.
# - Say how much flux the time correction saves in each channel.
# - Choose a background method for the detector images, and say how much noise it adds.
#
# **Next:** lesson 05 combines the four dithers into cubes and extracts spectra.

# %%
answers.summary()
