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
# a detector pixel sees, put the steps of stage 2 in their right order, measure what the corrections of straylight,
# showers and fringes did to *your* data, and decide whether to subtract the background pixel by pixel.
#
# **Prerequisites.** Lesson 03 (rate images, DN/s, showers). **Time.** 45 minutes; the pipeline works for less than
# one of them.
#
# The data are **simulated**: raw exposures of an imaginary NGC 7319, reduced by the unmodified `jwst` pipeline. Every
# figure says so. With real exposures in the same folders the lesson runs unchanged. If there are only calibrated
# files (`start_from = "cal"`), the sections on single steps say so and are passed over.

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
# `answers.begin` opens the workspace and switches to the reference files that belong to it. `answers.give` will
# record what you hand in and tell you at once how you did; `answers.hint("04-...")` gives a hint.

# %%
import numpy as np

from mrskit import answers, products, viewers
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

for path in sorted(space.stage("source", "stage2").glob("*_asn.json"))[:1]:
    association = json.loads(path.read_text())
    print(path.name)
    for member in association["products"][0]["members"]:
        print(f"  {member['exptype']:<12}{member['expname']}")

# %% [markdown]
# With `pixel_bg = False` there is one member. Now think of the other extreme: pixel-by-pixel background *and*
# self-calibration of bad pixels. Then the members are the science exposure, **all** background exposures as
# `background`, and **every** exposure of the same detector and setting except the science exposure itself as
# `selfcal`. A file may be a member twice, with two roles.
#
# > **Exercise `04-asn-members`.**

# %% tags=["answer"] exercise="04-asn-members"
rates = products.find(space.stage("source", "stage1"), "rate", setting)
empty = products.find(space.stage("background", "stage1"), "rate", setting)  # of the empty field
asn_members = ...  # a whole number
# solution begin
asn_members = 1 + len(empty) + (len(rates) - 1 + len(empty))
# solution end
answers.give("04-asn-members", asn_members)

# %% [markdown]
# From here on we look at the first dither position, before and after stage 2.

# %%
from astropy.io import fits

cal_file = products.find(space.stage("source", "stage2"), "cal", setting)[0]
simulated = products.read_exposure(cal_file).simulated
cal = fits.getdata(cal_file, "SCI")
print(f"{cal_file.name}:  {fits.getval(cal_file, 'BUNIT', 'SCI')}, shape {cal.shape}")
if rates:
    rate = fits.getdata(rates[0], "SCI")
    print(f"{rates[0].name}: {fits.getval(rates[0], 'BUNIT', 'SCI')}, shape {rate.shape}")
else:
    print("No rate files here: sections 5 to 10 and 12 are passed over.")

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
from mrskit.course.shown import lesson04_figures as figures
from mrskit.pipeline.steps import wcs
from mrskit.plotting import showers

pixels = wcs.detector_coordinates(cal_file)
wavelength, slices = pixels.wavelength, pixels.slice  # um; 100 x channel + slice
figures.coordinates(pixels.alpha, pixels.beta, wavelength, setting, simulated)

# %% [markdown]
# Three things are worth finding in the figure. Wavelength runs along the columns: upwards in channels 1 and 2,
# downwards in channels 3 and 4. Neighbouring slices on the detector are **not** neighbours on the sky: beta jumps
# back and forth. And the lines of equal wavelength are slightly tilted and the slices slightly bowed, so a "row" is
# not a wavelength and a "column" not a place.
#
# Between the slices there is no light from the sky, and no wavelength: the value there is `nan`, and the slice number
# 0.

# %% [markdown]
# Pick a pixel and ask it: in a live notebook with a click into the second figure or with its sliders, anywhere with
# other numbers in the cell. Which way does the wavelength change, which way the place?

# %%
row, column = 610, 377
viewers.places(cal, pixels, (row, column), "Surface brightness (MJy/sr)", "04-pick", simulated)

# %% [markdown]
# > **Exercise `04-pixel-wavelength`.**

# %% tags=["answer"] exercise="04-pixel-wavelength"
pixel_wavelength = ...  # um
# solution begin
pixel_wavelength = wavelength[300, 150]
# solution end
answers.give("04-pixel-wavelength", pixel_wavelength, unit="um")

# %% [markdown]
# The slice map holds numbers such as 105: channel 1, slice 5.
#
# > **Exercise `04-pixel-slice`.**

# %% tags=["answer"] exercise="04-pixel-slice"
pixel_slice = ...  # 1, 2, 3, ...
# solution begin
pixel_slice = slices[512, 770] % 100
# solution end
answers.give("04-pixel-slice", pixel_slice)

# %% [markdown]
# Are slices that lie side by side on the detector neighbours on the sky? Here are the middle pixels of two of them.

# %%
in_row = slices[512]
middles = [int(np.flatnonzero(in_row == number).mean()) for number in dict.fromkeys(in_row[in_row > 0])]
first, second = (512, middles[3]), (512, middles[4])
print(f"{first}: slice {slices[first]}; {second}: slice {slices[second]}")

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
# Keep that in mind for section 6: light that strays to the next slice on the detector appears somewhere else in the
# cube.
#
# ### Where does a line fall on the detector?
#
# Turn the question round. NGC 7319 recedes with z = 0.0225, so a line with rest wavelength λ₀ arrives at λ₀ (1 + z).
# In 12:SHORT the line to look for is [Ne VI] 7.652 µm in channel 2, the signature of gas that only an active nucleus
# can ionise.

# %%
from mrskit import plan
from mrskit.course.shown.target_lines import targets

galaxy_redshift = plan.program().redshift
line = targets(setting).ion
observed = targets(setting).ion_rest * (1 + galaxy_redshift)
numbers = [int(n) for n in np.unique(slices[abs(wavelength - observed) < 0.002]) if n > 0]
where = f"in {len(numbers)} slices: {numbers[0]} to {numbers[-1]}"
print(f"{line} µm is expected at {observed:.4f} µm, {where}")

# %% [markdown]
# > **Exercise `04-line-rows`.**

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
# | number | step | does | operation |
# |---|---|---|---|
# | 1 | `assign_wcs` | attaches alpha, beta, wavelength | none |
# | 2 | `bkg_subtract` | subtracts the mean background exposure (only with `pixel_bg`) | subtraction |
# | 3 | `flat_field` | divides by the pixel-to-pixel response | division |
# | 4 | `fringe` | divides by the fringe flat | division |
# | 5 | `photom` | DN/s to MJy/sr | multiplication |
# | 6 | `residual_fringe` | fits what is left of the fringes (`residual_fringe.skip` is `True` by default) | division |
# | 7 | `srctype` | decides POINT or EXTENDED from the dither pattern | none |
# | 8 | `straylight` | removes light scattered inside the detector | subtraction |
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
    """Return the surface brightness of pixels, MJy/sr."""
    brightness = ...  # MJy/sr
    # solution begin
    brightness = (rate - straylight) / (flat * fringe) * factor
    # solution end
    return brightness


answers.give("04-calibrate-pixel", calibrate)

# %% [markdown]
# ### An experiment: stop after every step
#
# To see what each step does we run stage 2 once more on the first exposure and keep the image after each. The files
# go to `Source/stage2/steps/`, out of the way of stage 3.

# %%
from mrskit.pipeline.steps import one_exposure

kept = ("straylight", "flat_field", "fringe", "photom")
alone = pipeline.Options(scheduler="none")  # one exposure needs no helper processes
folder = space.stage("source", "stage2") / "steps"
experiment, after = {}, {}
if rates:
    experiment = one_exposure.spec2_file(rates[0], folder, save_steps=kept, options=alone)
    after = {step: fits.getdata(experiment[step], "SCI") for step in kept}
for step in after:
    print(f"{step:<12}{fits.getval(experiment[step], 'BUNIT', 'SCI')}")

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
if after:
    units = ("DN/s", "DN/s")
    figures.before_after(rate, after["straylight"], "straylight", units, "difference", simulated)

# %% [markdown]
# How well does it work? Where should there be no light at all? In the **gaps** between the slices. We take pixels of
# the left channel that are two or more away from any slice, and for comparison those that are `lit`. The figure shows
# them along the rows about the middle of the detector, before and after.

# %%
from scipy.ndimage import binary_dilation

in_the_middle = np.zeros((1024, 1032), dtype=bool)  # rows 100 to 923, left channel
in_the_middle[100:924, 21 : {"12": 485, "34": 450}[use_ch]] = True
gaps = in_the_middle & ~binary_dilation(slices > 0, np.ones((1, 5)))
lit = (slices > 0) & (np.arange(1032) < 510) & gaps.any(axis=1)[:, None]
columns = np.flatnonzero(~(slices[450:570] > 0).any(axis=0))
columns = columns[(columns > 4) & (columns < 1027)]
if after:
    figures.straylight(rate, after["straylight"], (450, 570), columns, simulated)

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
# The stray light lies under the slices as well as between them, so this is also about the share of all light that
# strays: the "up to 20 %" of the slides. What is left depends on how well the kernel is known; in flight the correction
# leaves 1 to 2 %. In the simulation the instrument's own kernel differs from the reference file by 5 % of its strength,
# so your cubes are not perfect either. (In a workspace that was simulated with `--perfect` the two are equal, and only
# noise and the error of the pedestal are left. On the long detector next to nothing strays: what fills the gaps there
# is the pedestal.)

# %% [markdown]
# ## 7 · Showers once more
#
# The search of lesson 03 has found one shower of three. Stage 2 has a second cure, of another kind:
# `straylight.clean_showers` (default `False`). It does not look for anything. It takes the light between the slices,
# smooths it (`straylight.shower_x_stddev` is `18` by default, `straylight.shower_y_stddev` is `5` by default, in
# pixels), and subtracts that from the whole image. A shower does not care where slices are, so what it left between
# them tells how much lies in them. We treat the long ramp with each cure alone and with both.

# %%
from mrskit.pipeline.steps import stages12
from mrskit.pipeline.steps.shower_search import read as read_search

treated = {}
long_ramp = next(iter(sorted(space.ramp.glob("*_uncal.fits"))), None)
if long_ramp:
    folder = space.ramp.parent / "without_showers"
    without = {"jump": {"find_showers": False}}
    plain = one_exposure.detector1_file(long_ramp, folder, without, save_steps=("jump",), options=alone)
    searched = stages12.jump_file(space, plain["jump"], alone)
    both = stages12.clean_showers_files(space, [plain["rate"], searched["rate"]], alone)
    for first_cure, files in zip(("nothing", "find_showers"), both, strict=True):
        image, model = (fits.getdata(files[name], "SCI") for name in ("straylight", "shower_model"))
        treated[first_cure] = image + model
        treated["clean_showers" if first_cure == "nothing" else "both"] = image
print(", ".join(treated) or "No long ramp here: this section is passed over.")

# %% [markdown]
# `core` holds the pixels between the slices where the search found the bright shower.

# %%
from scipy.ndimage import binary_closing, label

if treated:
    flagged = read_search(searched["showers"])[1.2]
    labels, _ = label(binary_closing(flagged, np.ones((5, 5))))
    patch = labels == np.bincount(labels[labels > 0]).argmax()  # the largest one
    core = patch & ~binary_dilation(slices > 0, np.ones((1, 3)))
    level = np.nanmedian(treated["nothing"][core])
    print(f"{core.sum()} pixels; before, they hold {level:.3f} DN/s too much")

# %% [markdown]
# > **Exercise `04-shower-left`.**

# %% tags=["answer"] exercise="04-shower-left"
shower_left = ...  # percent
# solution begin
if treated:
    typical = {name: np.nanmedian(treated[name][core]) for name in ("nothing", "clean_showers")}
    shower_left = 100 * typical["clean_showers"] / typical["nothing"]
# solution end
answers.give("04-shower-left", shower_left, unit="percent")

# %% [markdown]
# And the other showers? Each is looked at: at its true place if you have marked the showers in lesson 03, otherwise the
# bright one alone.

# %%
if treated:
    true = answers.reveal("03-shower-boxes")
    places, count = label(patch if true is None else np.ma.getdata(true))
    edges = np.zeros_like(patch) if true is None else np.ma.getmaskarray(true)
    between = ~binary_dilation(slices > 0, np.ones((1, 3)))
    inside = [between & (places == place) for place in range(1, count + 1)]
    levels = {cure: [np.nanmedian(image[mask]) for mask in inside] for cure, image in treated.items()}
    order = np.argsort(levels["nothing"])[::-1]  # from bright to shallow

# %% [markdown]
# When you have answered, the table gives the share of each shower's light between the slices that a cure takes away,
# and its false area: where it changes the image by more than 0.05 DN/s although there is no shower. The figure shows
# the light between the slices, smoothed.

# %%
from IPython.display import Markdown

table = []
if treated and shower_left is not ...:
    heads = " | ".join(("bright", "intermediate", "shallow")[:count])
    table = [f"| cure | {heads} | false area |", "|---" * (count + 2) + "|"]
    for cure in ("find_showers", "clean_showers", "both"):
        taken = [100 * (1 - levels[cure][n] / levels["nothing"][n]) for n in order]
        changed = abs(treated[cure] - treated["nothing"]) > 0.05
        false = 100 * (changed & ~edges & (places == 0)).mean()
        shares = " | ".join(f"{share:.0f} %" for share in taken)
        table.append(f"| `{cure}` | {shares} | {false:.2f} % of the detector |")
Markdown("\n".join(table)) if table else None

# %%
if treated:
    showers.cures(showers.between(treated, slices > 0), places, simulated)

# %% [markdown]
# The two cures complement each other. The search throws away groups, so it costs exposure time and gives right
# numbers, but it is blind to faint showers. The subtraction needs to find nothing and works on all three; but it
# takes away no more than a part of each, and it treats whatever else is smooth and lies between the slices in the
# same way: near a bright source that is what the straylight correction left over. That is its false area.

# %% [markdown]
# ## 8 · The flat
#
# Pixels are not equally sensitive. The flat holds what each gives for the same light, relative to the average; the
# step divides by it. The changes are of the order of a percent, from pixel to pixel.

# %%
if after:
    images = (after["straylight"], after["flat_field"])
    figures.before_after(*images, "flat_field", ("DN/s", "DN/s"), "ratio", simulated)

# %% [markdown]
# ## 9 · Fringes
#
# The detector is a plane-parallel plate of silicon, half a millimetre thick. Light reflected to and fro inside
# interferes with itself, and the signal rises and falls with wavelength: **fringes**, with a contrast of 10 to 30 %
# of the spectrum, for a bright point source up to 40 %. The interference repeats at equal steps of *wavenumber* 1/λ,
# not of wavelength:
#
# Δ(1/λ) = 1 / (2 n D) ≈ 2.9 cm⁻¹
#
# with the refractive index n = 3.4 and the thickness D = 0.5 mm.
#
# Two corrections exist. The **fringe flat** is a measured pattern, made from extended sources, that the `fringe` step
# divides out. The pattern of a point source is shifted a little with respect to it, because the light arrives at
# another angle, so some percent stay. The **residual fringe** correction fits sine waves to what is left: on the
# detector by the step `residual_fringe` (`residual_fringe.skip` is `True` by default), or on an extracted spectrum in
# `extract_1d` (`extract_1d.ifu_rfcorr` is `True` by default).

# %%
if after:
    images = (after["flat_field"], after["fringe"])
    figures.before_after(*images, "fringe", ("DN/s", "DN/s"), "ratio", simulated)

# %% [markdown]
# We look along the brightest column in the left half of the detector, in rows 450 to 569, where the slices run almost
# straight, and divide it by a smooth curve. The residual fringe step works on each column by itself, so we run it on
# the slice of this column alone: it is the slowest step of stage 2.

# %%
rows = slice(450, 570)


def ripple(flux):
    """Return rows 450 to 569 of a column divided by a smooth curve: 1 where there are no fringes."""
    part, x = flux[rows], np.linspace(-1, 1, 120)
    good = np.isfinite(part)
    return part / np.polyval(np.polyfit(x[good], part[good], 4), x)


if after:
    column = int(np.argmax(np.median(np.nan_to_num(after["flat_field"][rows, :500]), axis=0)))
    wavenumber = 1e4 / wavelength[rows, column]  # cm^-1
    here = [slices[510, column]]
    corrected = stages12.residual_fringe_file(space, experiment["photom"], here, alone)
    cleaned = fits.getdata(corrected, "SCI")
    before_flat, after_flat, after_residual = (
        ripple(image[:, column]) for image in (after["flat_field"], after["fringe"], cleaned)
    )

# %% [markdown]
# The other way is to extract a spectrum and correct that. Here the spectrum is the sum of nine columns after the
# fringe flat, four on either side of the brightest one.

# %%
from mrskit.pipeline.steps import fringes

if after:
    nine = slice(column - 4, column + 5)
    inside = slices[:, nine] == here[0]
    flux = np.where(inside, after["fringe"][:, nine], 0).sum(axis=1).astype(float)
    along = np.where(slices[:, column] == here[0], wavelength[:, column], np.nan)
    use = np.flatnonzero(np.isfinite(along) & (flux > 0))
    use = use[np.argsort(along[use])]  # ascending wavelength
    spectrum, corrected_spectrum = np.full((2, 1024), np.nan)
    spectrum[use] = flux[use]
    corrected_spectrum[use] = fringes.correct_1d(flux[use], along[use], int(here[0]) // 100)

# %%
if after:
    ratios = {
        "before": before_flat,
        "after the fringe flat": after_flat,
        "after the residual fringe step (2-D)": after_residual,
        "nine columns after the fringe flat": ripple(spectrum),
        "nine columns, corrected as a spectrum (1-D)": ripple(corrected_spectrum),
    }
    figures.fringes(wavenumber, ratios, column, simulated)

# %% [markdown]
# > **Exercise `04-fringe-fit`.**


# %% tags=["answer"] exercise="04-fringe-fit"
def fringe_amplitude(wavenumber, ratio, period):
    """Return the amplitude of fringes from crest to trough, percent."""
    amplitude = ...  # percent
    # solution begin
    phase = 2 * np.pi * wavenumber / period
    waves = np.stack([np.ones_like(phase), np.cos(phase), np.sin(phase)], axis=1)
    good = np.isfinite(ratio) & np.isfinite(phase)
    _, a, b = np.linalg.lstsq(waves[good], ratio[good], rcond=None)[0]
    amplitude = 200 * np.hypot(a, b)
    # solution end
    return amplitude


verdict = answers.give("04-fringe-fit", fringe_amplitude)

# %% [markdown]
# > **Exercise `04-fringe-left`.**

# %% tags=["answer"] exercise="04-fringe-left"
period = {"12": 2.92, "34": 2.80}[use_ch]  # cm^-1
fringe_left = ...  # [after the fringe flat, after the residual fringes]
# solution begin
three = (before_flat, after_flat, after_residual)
amplitudes = [fringe_amplitude(wavenumber, ratio, period) for ratio in three]
fringe_left = np.array(amplitudes[1:]) / amplitudes[0]
# solution end
answers.give("04-fringe-left", fringe_left)

# %%
if after and verdict.outcome == "passed":
    for name, ratio in ratios.items():
        print(f"{fringe_amplitude(wavenumber, ratio, period):5.1f} % {name}")

# %% [markdown]
# On the detector every column has its own phase, and the step fits each by itself: that leaves least. In a spectrum
# the phases of several columns are mixed, so the pattern is weaker, and harder to fit.

# %% [markdown]
# ## 10 · Photometry: from DN/s to MJy/sr
#
# `photom` multiplies each pixel with a conversion factor. The result is a **surface brightness**, the power that
# arrives per unit area, frequency and *solid angle of the sky*: 1 MJy/sr = 10⁶ Jy per steradian, with 1 Jy = 10⁻²⁶ W
# m⁻² Hz⁻¹. A surface brightness is not a flux; lesson 05 makes the one from the other.

# %%
if after:
    images = (after["fringe"], after["photom"])
    figures.before_after(*images, "photom", ("DN/s", "MJy/sr"), "ratio", simulated)

# %% [markdown]
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
# ## 11 · The calibrated images
#
# Here they are: the science exposure and the background exposure of the first dither, calibrated, on the same scale
# of colours.

# %%
background_files = products.find(space.stage("background", "stage2"), "cal", setting)
if background_files:
    background = fits.getdata(background_files[0], "SCI")
    figures.science_and_background(cal, background, setting, simulated)

# %% [markdown]
# Find again what you saw in the raw data: the nucleus as bright vertical traces in the middle of some slices,
# emission lines as short bright dashes that repeat from slice to slice, the empty strip between the channels (now
# `nan`: no slice, no photometry). The background exposure shows the sky and the telescope's own heat: nearly nothing
# below 7 µm, and more and more with wavelength.
#
# > **Exercise `04-missing-pixels`.**

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
# ## 12 · Should the background be subtracted pixel by pixel?
#
# With `pixel_bg = True`, `bkg_subtract` averages the rate images of the background exposures (a **sigma-clipped
# mean**, not a median as many slides say) and subtracts the result from the science rate image, pixel by pixel.
#
# - *For:* whatever is fixed on the detector goes away with the sky: errors of the dark, hot pixels, residues of the
#   flat.
# - *Against:* the background image is noisy, and its noise is added to the science image. And stray light of a bright
#   source is not in it.
#
# > **Exercise `04-background-noise`.**

# %% tags=["answer"] exercise="04-background-noise"
noise_factor = ...  # noise after subtraction / noise before
# solution begin
noise_factor = np.sqrt(1 + 1 / len(empty))
# solution end
answers.give("04-background-noise", noise_factor)

# %% [markdown]
# Is that what the data do? We subtract the mean background by hand and compare the scatter of the pixels in the dark
# strip, where there is no light to confuse us. (The second figure appears when you have answered.)

# %%
dark_columns = (slices == 0).all(axis=0)  # columns that see no slice in any row
strip = np.flatnonzero(dark_columns & (abs(np.arange(1032) - 490) < 60))[3:-3]
if rates and empty:
    mean_background = np.mean([fits.getdata(path, "SCI") for path in empty], axis=0)
    without_sky = rate - mean_background
    figures.before_after(rate, without_sky, "bkg_subtract", ("DN/s", "DN/s"), "difference", simulated)

# %%
if rates and empty and noise_factor is not ...:
    figures.noise(rate[:, strip], without_sky[:, strip], simulated)

# %% [markdown]
# For this target the course follows the workshop: no pixel subtraction, but a master background in stage 3. The
# notebook of the workshop has a switch for each, `pixel_bg` and `master_bg`, and nothing keeps you from setting both.
#
# > **Exercise `04-both-backgrounds`.**

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
# - Say why straylight comes before flat and fringe, and write the calibration of a pixel as a function.
# - Measure, on your own data, how much straylight, how much of a shower and how much of the fringes are left.
# - Say what each of the two cures of showers is good for.
# - Choose a background method for the detector images with its price in noise.
#
# **Next:** lesson 05 combines the four dithers into cubes and extracts spectra.

# %%
answers.summary()
