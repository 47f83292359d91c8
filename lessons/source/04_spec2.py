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
# **Aims.** After this lesson you can read an association of stage 2, say which wavelength and which place on the sky
# a detector pixel sees, put the steps of stage 2 in their right order, measure what the straylight and fringe
# corrections did to *your* data, and decide whether to subtract the background pixel by pixel.
#
# **Prerequisites.** Lesson 03 (rate images, DN/s). **Time.** 45 minutes.
#
# The data are **simulated**: raw exposures of an imaginary NGC 7319, reduced by the unmodified `jwst` pipeline. Every
# figure says so. With real exposures in the same folders the lesson runs unchanged.

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
# `answers.begin` opens the workspace and switches to the reference files that belong to it. `answers.give` will
# record what you hand in and tell you at once how you did; `answers.hint("04-...")` gives a hint.

# %%
import numpy as np

from mrskit import answers, products
from mrskit.bands import Setting
from mrskit.plotting import style

space = answers.begin(
    "04_spec2", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg, pixel_bg=pixel_bg,
    master_bg=master_bg, start_from=start_from, data_source=data_source, scheduler=scheduler,
)  # fmt: skip
style.use(space)
setting = Setting(use_ch, use_band)
print(f"{setting.name}: bands {' and '.join(band.name for band in setting.bands)}")

# %% [markdown]
# ## 2 · Run stage 2
#
# One call calibrates the science exposures, one the background exposures. A product whose inputs, parameters and
# reference files have not changed is not made again, so this is quick the second time. The pipeline's own messages go
# to `logs/` in the workspace.
#
# Science exposures stop at the calibrated detector image `cal`. Background exposures go further, to a spectrum `x1d`,
# because stage 3 makes the master background from those spectra.

# %%
from mrskit.pipeline import stages as pipeline

options = pipeline.Options(pixel_background=pixel_bg, master_background=master_bg, scheduler=scheduler)
for role, chosen in (("source", stages), ("background", stages_bg)):
    if "2" in chosen and start_from not in ("cal", "s3d"):
        made = pipeline.spec2(space, setting, role=role, options=options)
        print(f"{role:<12}{len(made)} products")

# %% [markdown]
# ## 3 · Associations: who belongs to whom
#
# Stage 1 treats every exposure alone. From stage 2 on, exposures can need each other. An **association** is a small
# JSON file that says so: it has *products*, each product has *members*, and each member has an `exptype`.
#
# | `exptype` | role |
# |---|---|
# | `science` | the exposure to calibrate: exactly one in an association of stage 2 |
# | `background` | rate images of the empty field, subtracted if `pixel_bg` is on |
# | `selfcal` | more exposures of the same detector, to find bad pixels that are not in the mask |
#
# Two `science` members in one association of stage 2 are a classic mistake: the pipeline reduces both, but treats the
# background wrongly. Here is the file that stage 2 has just used for the first exposure.

# %%
import json

files = sorted(space.stage("source", "stage2").glob("*_asn.json"))
association = json.loads(files[0].read_text())
print(files[0].name)
for member in association["products"][0]["members"]:
    print(f"  {member['exptype']:<12}{member['expname']}")

# %% [markdown]
# With `pixel_bg = False` there is one member. Now think of the other extreme: pixel-by-pixel background *and*
# self-calibration of bad pixels. Then the members are the science exposure, **all** background exposures as
# `background`, and **every** exposure of the same detector and setting except the science exposure itself as
# `selfcal`. A file may be a member twice, with two roles.
#
# > **Exercise `04-asn-members`.** How many members would that association have for the first science exposure in your
# > workspace? Count the rate files in `Source/stage1` and `Background/stage1`. Give `asn_members`, a whole number.

# %% tags=["answer"] exercise="04-asn-members"
rates = products.find(space.stage("source", "stage1"), "rate", setting)
empty = products.find(space.stage("background", "stage1"), "rate", setting)  # rate files of the empty field
asn_members = ...  # a whole number
# solution begin
asn_members = 1 + len(empty) + (len(rates) - 1 + len(empty))
# solution end
answers.give("04-asn-members", asn_members)

# %% [markdown]
# From here on we look at the first dither position, before and after stage 2.

# %%
from astropy.io import fits

rate_file = rates[0]
cal_file = products.find(space.stage("source", "stage2"), "cal", setting)[0]
simulated = products.read_exposure(cal_file).simulated
rate, cal = fits.getdata(rate_file, "SCI"), fits.getdata(cal_file, "SCI")
print(f"{rate_file.name}: {fits.getval(rate_file, 'BUNIT', 'SCI')}, shape {rate.shape}")
print(f"{cal_file.name}:  {fits.getval(cal_file, 'BUNIT', 'SCI')}, shape {cal.shape}")

# %% [markdown]
# ## 4 · The WCS: every pixel knows its place and its wavelength
#
# The first step, `assign_wcs`, changes no number in the image. It attaches the instrument model: three functions of
# the detector position that give
#
# - **alpha**, the angle along a slice, in arcsec,
# - **beta**, the angle across the slices, in arcsec: the same for all pixels of a slice,
# - **lambda**, the wavelength, in µm.
#
# A second set of functions turns (alpha, beta) into right ascension and declination with the telescope's pointing.

# %%
from mrskit.pipeline import wcs
from mrskit.plotting import calibrated

pixels = wcs.detector_coordinates(cal_file)
wavelength, slices = pixels.wavelength, pixels.slice  # um; 100 x channel + slice
calibrated.coordinates(pixels.alpha, pixels.beta, wavelength, setting, simulated)

# %% [markdown]
# Three things are worth finding in the figure. Wavelength runs along the columns: upwards in channels 1 and 2,
# downwards in channels 3 and 4. Neighbouring slices on the detector are **not** neighbours on the sky: beta jumps
# back and forth. And the lines of equal wavelength are slightly tilted and the slices slightly bowed, so a "row" is
# not a wavelength and a "column" not a place.
#
# Between the slices there is no light from the sky, and no wavelength: the value there is `nan`, and the slice number
# 0.

# %% [markdown]
# > **Exercise `04-pixel-wavelength`.** Which wavelength does the pixel in **row 512, column 150** see? Give it as
# > `pixel_wavelength` in µm; tolerance one row (about 0.001 µm). Rows and columns count from 0; numpy wants `[row,
# > column]`.

# %% tags=["answer"] exercise="04-pixel-wavelength"
pixel_wavelength = ...  # um
# solution begin
pixel_wavelength = wavelength[512, 150]
# solution end
answers.give("04-pixel-wavelength", pixel_wavelength, unit="um")

# %% [markdown]
# The slice map holds numbers such as 105: channel 1, slice 5.
#
# > **Exercise `04-pixel-slice`.** Which slice *of its channel* does the pixel in **row 512, column 770** belong to?
# > Give the number within the channel (1, 2, 3, ...) as `pixel_slice`.

# %% tags=["answer"] exercise="04-pixel-slice"
pixel_slice = ...  # 1, 2, 3, ...
# solution begin
pixel_slice = slices[512, 770] % 100
# solution end
answers.give("04-pixel-slice", pixel_slice)

# %% [markdown]
# ### Where does a line fall on the detector?
#
# Turn the question round. NGC 7319 recedes with z = 0.0225, so a line with rest wavelength λ₀ arrives at λ₀ (1 + z).
# In 12:SHORT the line to look for is [Ne VI] 7.652 µm in channel 2, the signature of gas that only an active nucleus
# can ionise.

# %%
from mrskit import plan
from mrskit.exercises.targets import targets

redshift = plan.program().redshift
line = targets(setting).ion
observed = targets(setting).ion_rest * (1 + redshift)
numbers = [int(n) for n in np.unique(slices[abs(wavelength - observed) < 0.002]) if n > 0]
print(f"{line} µm is expected at {observed:.4f} µm, in {len(numbers)} slices: {numbers[0]} to {numbers[-1]}")

# %% [markdown]
# > **Exercise `04-line-rows`.** In which detector row does that line fall, in each of these slices? Give `line_rows`,
# > an array with one row number for each slice in `numbers` (in that order): the median row of the slice's pixels
# > that lie within 0.002 µm of `observed`. Tolerance 3 rows.

# %% tags=["answer"] exercise="04-line-rows"
line_rows = ...  # array of shape (len(numbers),), detector rows
# solution begin
close = abs(wavelength - observed) < 0.002
line_rows = np.array([np.median(np.nonzero(close & (slices == number))[0]) for number in numbers])
# solution end
answers.give("04-line-rows", line_rows)

# %% [markdown]
# ## 5 · The order of the steps
#
# The slides of the workshop show the fringe correction first and the straylight second. The pipeline works in another
# order. The order follows from what happened to the light on its way, and must undo it backwards: light that was
# *added* inside the detector is subtracted before a *factor* on the light of the slices is divided out, and the
# conversion of units holds for corrected count rates. These are the steps, in the order of the alphabet:
#
# | step | does | operation |
# |---|---|---|
# | `assign_wcs` | attaches alpha, beta, wavelength | none |
# | `bkg_subtract` | subtracts the mean background exposure (only with `pixel_bg`) | subtraction |
# | `flat_field` | divides by the pixel-to-pixel response | division |
# | `fringe` | divides by the fringe flat | division |
# | `photom` | DN/s to MJy/sr | multiplication |
# | `residual_fringe` | fits what is left of the fringes (off by default) | division |
# | `srctype` | decides POINT or EXTENDED from the dither pattern | none |
# | `straylight` | removes light scattered inside the detector | subtraction |

# %% [markdown]
# > **Exercise `04-step-order`.** In which order does stage 2 run these four steps? Give the letter of your choice as
# > `step_order`.
# >
# > - `"a"`: fringe, straylight, flat_field, photom
# > - `"b"`: flat_field, fringe, straylight, photom
# > - `"c"`: straylight, flat_field, fringe, photom
# > - `"d"`: photom, straylight, flat_field, fringe

# %% tags=["answer"] exercise="04-step-order"
step_order = ...  # "a", "b", "c" or "d"
# solution begin
step_order = "c"
# solution end
answers.give("04-step-order", step_order)

# %% [markdown]
# ### An experiment: stop after every step
#
# To see what each step does we run stage 2 once more on the first exposure and keep the image after `straylight`,
# after `flat_field` and after `fringe`. All three are still in DN/s. The files go to `Source/stage2/steps/`, out of
# the way of stage 3.

# %%
from mrskit.pipeline import single

kept = ("straylight", "flat_field", "fringe")
alone = pipeline.Options(scheduler="none")  # one exposure needs no helper processes
folder = space.stage("source", "stage2") / "steps"
experiment = single.spec2_file(rate_file, folder, save_steps=kept, options=alone)
after = {step: fits.getdata(experiment[step], "SCI") for step in kept}
print(", ".join(f"{step}: {fits.getval(experiment[step], 'BUNIT', 'SCI')}" for step in kept))

# %% [markdown]
# ## 6 · Straylight
#
# Below 10 µm the MIRI detectors are not black enough: a good part of the light passes the absorbing layer, is
# reflected inside the detector and comes back elsewhere, mostly along the **row** and the **column** that it fell on.
# In an image this makes a cross, the *cross artifact*. In the MRS the arms along a row run into all other slices, and
# since neighbours on the detector are not neighbours on the sky, the cube shows stripes. The peak is at most 1 % of
# the source, but the arms are hundreds of pixels long: added up they hold up to 20 % of the light.
#
# The step does two things. It predicts the cross from the image itself, with a kernel that was measured once (a
# reference file), and subtracts it. Then it looks at the strip between the two channels, where no slice of the sky
# falls, takes the median there, and subtracts it everywhere: the **pedestal**, what the dark subtraction left over.

# %%
dark_columns = (slices == 0).all(axis=0)  # columns that see no slice in any row
between = dark_columns & (abs(np.arange(1032) - 490) < 60)
strip = np.flatnonzero(between)[3:-3]  # three pixels away from the slices on either side
bright_row = 60 + int(np.nanargmax(np.nanmedian(rate[60:964, strip], axis=1)))
print(f"dark strip: columns {strip[0]} to {strip[-1]}; brightest in row {bright_row}")

# %% [markdown]
# The figure shows the median of 61 rows about the row in which the strip is brightest, before and after.

# %%
calibrated.straylight(rate, after["straylight"], bright_row, (strip[0], strip[-1]), simulated)

# %% [markdown]
# > **Exercise `04-strip-level`.** How strong is the stray light in the dark strip, compared with its source? In the
# > rows `near`, take the median of `rate` over the pixels of the strip, and divide it by the brightest value of the
# > median over these rows in any column. Give `strip_level` in percent; tolerance 10 % of the value.

# %% tags=["answer"] exercise="04-strip-level"
near = slice(bright_row - 30, bright_row + 31)  # rows
strip_level = ...  # percent of the brightest column
# solution begin
brightest = np.nanmax(np.nanmedian(rate[near], axis=0))
strip_level = 100 * np.nanmedian(rate[near, strip]) / brightest
# solution end
answers.give("04-strip-level", strip_level, unit="percent")

# %% [markdown]
# And how much is that in all? What the step took away, added up over the slices of the left channel and divided by
# the light that was there:

# %%
left = (slices > 0) & (np.arange(1032) < 510)
share = np.nansum((rate - after["straylight"])[left]) / np.nansum(rate[left])
print(f"subtracted in the left channel: {100 * share:.1f} % of the light, pedestal included")

# %% [markdown]
# The kernel is an estimate: in flight the correction leaves 1 to 2 % of the light where it should not be. The
# simulated instrument was given a kernel that differs from the reference file by such an amount, so your cubes are
# not perfect either.

# %% [markdown]
# ## 7 · Fringes
#
# The detector is a plane-parallel plate of silicon, half a millimetre thick. Light reflected to and fro inside
# interferes with itself, and the signal rises and falls with wavelength: **fringes**, with a contrast of 10 to 30 %
# of the spectrum, for a bright point source up to 40 %. The interference repeats at equal steps of *wavenumber* 1/λ,
# not of wavelength:
#
# $$\Delta(1/\lambda) = \frac{1}{2 n D} \approx 2.9\ \mathrm{cm^{-1}}$$
#
# with the refractive index n = 3.4 and the thickness D = 0.5 mm.
#
# Two corrections exist. The **fringe flat** is a measured pattern, made from extended sources, that the `fringe` step
# divides out. The pattern of a point source is shifted a little with respect to it, because the light arrives at
# another angle, so some percent stay. The **residual fringe** correction fits sine waves to what is left, either on
# the detector (`residual_fringe`, off by default) or on an extracted spectrum (on by default in `extract_1d`).
#
# We look along the brightest column in the left half of the detector, in rows 450 to 569, where the slices run almost
# straight.

# %%
rows = slice(450, 570)
column = int(np.argmax(np.median(np.nan_to_num(after["flat_field"][rows, :500]), axis=0)))
wavenumber = 1e4 / wavelength[rows, column]  # cm^-1


def ripple(image):
    """Return the column divided by a smooth curve: 1 where there are no fringes."""
    flux, x = image[rows, column], np.linspace(-1, 1, 120)
    good = np.isfinite(flux)
    return flux / np.polyval(np.polyfit(x[good], flux[good], 4), x)


# %% [markdown]
# Divided by a smooth curve, the column before and after the fringe flat:

# %%
before_flat, after_flat = ripple(after["flat_field"]), ripple(after["fringe"])
calibrated.fringes(wavenumber, before_flat, after_flat, column, simulated)

# %% [markdown]
# > **Exercise `04-fringe-amplitude`.** How large are the fringes in `before_flat`, from crest to trough? Fit `1 + a
# > cos(2π ν/P) + b sin(2π ν/P)` to it, with ν the wavenumber and P the `period`, by least squares (leave out `nan`).
# > Crest to trough is `2 sqrt(a² + b²)`. Give `fringe_amplitude` in percent of the continuum; tolerance 2 percentage
# > points.

# %% tags=["answer"] exercise="04-fringe-amplitude"
period = {"12": 2.92, "34": 2.80}[use_ch]  # cm^-1
fringe_amplitude = ...  # percent, crest to trough
# solution begin
phase = 2 * np.pi * wavenumber / period
waves = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=1)
good = np.isfinite(before_flat) & np.isfinite(phase)
_, a, b = np.linalg.lstsq(waves[good], before_flat[good], rcond=None)[0]
fringe_amplitude = 200 * np.hypot(a, b)
# solution end
answers.give("04-fringe-amplitude", fringe_amplitude, unit="percent")

# %% [markdown]
# > **Exercise `04-fringe-left`.** Which fraction of that amplitude is still there after the fringe flat? Fit
# > `after_flat` in the same way and give the ratio after/before as `fringe_left` (a number between 0 and 1; tolerance
# > 0.08).

# %% tags=["answer"] exercise="04-fringe-left"
fringe_left = ...  # amplitude after / amplitude before
# solution begin
good = np.isfinite(after_flat) & np.isfinite(phase)
_, a, b = np.linalg.lstsq(waves[good], after_flat[good], rcond=None)[0]
fringe_left = 200 * np.hypot(a, b) / fringe_amplitude
# solution end
answers.give("04-fringe-left", fringe_left)

# %% [markdown]
# ## 8 · Photometry: from DN/s to MJy/sr
#
# `photom` multiplies each pixel with a conversion factor. The result is a **surface brightness**, the power that
# arrives per unit area, frequency and *solid angle of the sky*: 1 MJy/sr = 10⁶ Jy per steradian, with 1 Jy = 10⁻²⁶ W
# m⁻² Hz⁻¹. A surface brightness is not a flux; lesson 05 makes the one from the other.

# %% [markdown]
# > **Exercise `04-photom-factor`.** How many MJy/sr is one DN/s in the *lower-numbered* channel of your setting
# > (channel 1, or 3)? Compare the image after `fringe` with `cal`, over all pixels of the channel, and take the
# > median. Give `photom_factor` in MJy/sr per DN/s; tolerance 3 %.

# %% tags=["answer"] exercise="04-photom-factor"
channel = setting.bands[0].channel
photom_factor = ...  # MJy/sr per DN/s
# solution begin
inside = slices // 100 == channel
photom_factor = np.nanmedian(cal[inside] / after["fringe"][inside])
# solution end
answers.give("04-photom-factor", photom_factor)

# %% [markdown]
# ## 9 · The calibrated images
#
# Here they are: the science exposure and the background exposure of the first dither, calibrated, on the same scale
# of colours.

# %%
background_file = products.find(space.stage("background", "stage2"), "cal", setting)[0]
background = fits.getdata(background_file, "SCI")
calibrated.science_and_background(cal, background, setting, simulated)

# %% [markdown]
# Find again what you saw in the raw data: the nucleus as bright vertical traces in the middle of some slices,
# emission lines as short bright dashes that repeat from slice to slice, the empty strip between the channels (now
# `nan`: no slice, no photometry). The background exposure shows the sky and the telescope's own heat: nearly nothing
# below 7 µm, and more and more with wavelength.
#
# > **Exercise `04-missing-pixels`.** Which percentage of the pixels *inside the slices* has no value (`nan`) in the
# > science `cal` image? Give `missing_pixels` in percent; tolerance 0.05.

# %% tags=["answer"] exercise="04-missing-pixels"
missing_pixels = ...  # percent
# solution begin
missing_pixels = 100 * np.isnan(cal[slices > 0]).mean()
# solution end
answers.give("04-missing-pixels", missing_pixels, unit="percent")

# %% [markdown]
# These are pixels that the bad-pixel mask or the ramp fit gave up. Four dithers put the same place of the sky on
# different pixels, so the cube of stage 3 has nearly no holes: one good reason why dithers are mandatory.

# %% [markdown]
# ## 10 · Should the background be subtracted pixel by pixel?
#
# With `pixel_bg = True`, `bkg_subtract` averages the rate images of the background exposures (a **sigma-clipped
# mean**, not a median as many slides say) and subtracts the result from the science rate image, pixel by pixel.
#
# - *For:* whatever is fixed on the detector goes away with the sky: errors of the dark, hot pixels, residues of the
#   flat.
# - *Against:* the background image is noisy, and its noise is added to the science image. And stray light of a bright
#   source is not in it.
#
# > **Exercise `04-background-noise`.** All your exposures are equally deep. By which factor does the noise of a faint
# > pixel in **one** science exposure grow when the mean of your background exposures is subtracted? (Count them in
# > `Background/stage1`.) Give `noise_factor`, three digits; tolerance 1 %.

# %% tags=["answer"] exercise="04-background-noise"
noise_factor = ...  # noise after subtraction / noise before
# solution begin
noise_factor = np.sqrt(1 + 1 / len(empty))
# solution end
answers.give("04-background-noise", noise_factor)

# %% [markdown]
# Is that what the data do? We subtract the mean background by hand and compare the scatter of the pixels in the dark
# strip, where there is no light to confuse us.

# %%
mean_background = np.mean([fits.getdata(path, "SCI") for path in empty], axis=0)
calibrated.noise(rate[:, strip], (rate - mean_background)[:, strip], simulated)

# %% [markdown]
# For this target the course follows the workshop: no pixel subtraction, but a master background in stage 3. The
# notebook of the workshop has a switch for each, `pixel_bg` and `master_bg`, and nothing keeps you from setting both.
#
# > **Exercise `04-both-backgrounds`.** What happens if both are `True`? Give the letter as `both_backgrounds`.
# >
# > - `"a"`: the background is subtracted twice and the spectra become negative
# > - `"b"`: stage 3 sees that the background is gone (keyword `S_BKDSUB`) and skips the master background
# > - `"c"`: stage 3 stops with an error
# > - `"d"`: stage 2 skips the pixel background, because the master background is better

# %% tags=["answer"] exercise="04-both-backgrounds"
both_backgrounds = ...  # "a", "b", "c" or "d"
# solution begin
both_backgrounds = "b"
# solution end
answers.give("04-both-backgrounds", both_backgrounds)

# %% [markdown]
# ## What you can do now
#
# - Read an association of stage 2 and check that it has one science member.
# - Go from a detector pixel to slice, place and wavelength, and from a spectral line back to detector rows.
# - Say why straylight comes before flat and fringe, and photometry last.
# - Measure, on your own data, how much straylight and how much of the fringes are left, in percent.
# - Choose a background method for the detector images with its price in noise.
#
# **Next:** lesson 05 combines the four dithers into cubes and extracts spectra.
