# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 · Detector1: from ramps to count rates
#
# **Aims.** After this lesson you can follow one pixel through the steps of stage 1, say what saturation, nonlinearity
# and a cosmic ray do to a ramp, fit a count rate yourself and compare it with the pipeline's, judge the search for
# cosmic-ray showers, and read a rate image.
#
# **Prerequisites.** Lessons 01 and 02 (ramps, hot pixels, cosmic rays). **Time.** 45 minutes, of which the pipeline
# works a few.
#
# The exposures are **simulated**, and every figure says so; the pipeline is the real one. With real exposures in the
# same folders the lesson runs unchanged.

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

# %%
import numpy as np
from astropy.io import fits

from mrskit import answers, products
from mrskit.bands import Setting
from mrskit.plotting import detector, ramps, style

space = answers.begin(
    "03_detector1", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg,
    pixel_bg=pixel_bg, master_bg=master_bg, start_from=start_from, data_source=data_source, scheduler=scheduler,
)  # fmt: skip
style.use(space)
setting = Setting(use_ch, use_band)

# %% [markdown]
# ## 2 · What stage 1 does
#
# Stage 1, `Detector1Pipeline`, turns the ramp of each pixel (DN) into one number, the count rate (DN/s). It takes
# away what the *detector* added. These are the steps that act on MRS data, in their order:
#
# | step | what it does |
# |---|---|
# | `dq_init` | copies the mask of known bad pixels into the data quality |
# | `saturation` | flags groups in which the pixel is full |
# | `lastframe` | flags the last group, which the reset of the neighbouring rows pulls down |
# | `reset` | subtracts the anomaly of the first groups after a reset |
# | `linearity` | straightens the ramp: a filling pixel loses response |
# | `rscd` | flags the first groups, which remember the integration before |
# | `dark_current` | subtracts the signal that piles up without light |
# | `refpix` | removes the drift that the reference pixels feel as well |
# | `jump` | flags steps: cosmic rays, and if asked for, showers |
# | `ramp_fit` | fits a straight line through the good groups: the rate |
#
# Flags are kept in a *data quality* array, one for each group (`GROUPDQ`) and one for each pixel (`PIXELDQ`). They
# are bits that add up: 1 do not use, 2 saturated, 4 jump.
#
# > **Exercise `03-saturation-first`.** Why does the pipeline look for saturated groups *before* it corrects the
# > linearity? Give the letter as `reason`.
# >
# > - `"a"`: saturation is a limit of the raw signal, and the polynomial of the correction has no meaning beyond it
# > - `"b"`: the correction needs to know which groups follow a saturated one
# > - `"c"`: it saves computing time
# > - `"d"`: cosmic rays would be taken for saturation otherwise

# %% tags=["answer"] exercise="03-saturation-first"
reason = ...  # "a", "b", "c" or "d"
# solution begin
reason = "a"
# solution end
answers.give("03-saturation-first", reason)

# %% [markdown]
# ## 3 · One exposure, step by step
#
# We run stage 1 on the first science exposure and keep what some steps leave behind. The files go to
# `Source/stage1/steps/`. This takes about a quarter of a minute; if they are there already and nothing has changed,
# it takes no time. The pipeline's own messages go to `logs/`.

# %%
from mrskit.pipeline.single import detector1_file

raw_file = products.find(space.stage("source", "uncal"), "uncal", setting)[0]
simulated = products.read_exposure(raw_file).simulated
kept = ("reset", "linearity", "dark_current", "refpix", "jump")
experiment = detector1_file(raw_file, space.stage("source", "stage1") / "steps", save_steps=kept)
print(", ".join(experiment))

# %% [markdown]
# Read the ramps after each step, and the flags after the jump step.

# %%
after = {"raw": fits.getdata(raw_file, "SCI").astype(np.float32)}
after |= {step: fits.getdata(experiment[step], "SCI") for step in kept}
quality = {step: fits.getdata(experiment[step], "GROUPDQ") for step in kept}
bad = fits.getdata(experiment["jump"], "PIXELDQ")
group_time = fits.getval(raw_file, "TGROUP")  # s
time = group_time * np.arange(1, after["raw"].shape[1] + 1)  # s since the reset

# %% [markdown]
# Which pixels shall we look at? Three, chosen by rules: a **bright** one that neither saturates nor is hit, one that
# is **saturating**, and one that was **hit** by a cosmic ray. `usable` holds the numbers of the groups that the
# pipeline uses, first integration.

# %%
from mrskit.exercises import pixels

bright = pixels.bright(after["jump"], quality["jump"], bad)
saturating = pixels.saturating(after["raw"], quality["jump"], bad)
hit = pixels.hit(after["jump"], quality["jump"], bad)
usable = pixels.usable_groups(quality["jump"])
print(f"(row, column): bright {bright}, saturating {saturating}, hit {hit}")
print(f"usable groups: {usable[0]} to {usable[-1]} of 0 to {len(time) - 1}")

# %% [markdown]
# The bright pixel through the steps: the first panel shows the raw ramp, the others what each step *changed*.

# %%
names = ("raw", *kept)
flags = {"raw": np.zeros(len(time), dtype=np.uint32)} | {step: quality[step][0, :, *bright] for step in kept}
ramps.steps({name: after[name][0, :, *bright] for name in names}, flags, group_time, bright, simulated)

# %% [markdown]
# - `reset` changes the first groups only, and they are flagged by `rscd` as well: remaining errors do no harm.
# - `linearity` raises the signal, the more the fuller the pixel is. The polynomial works on raw DN, including the
#   level of some 9500 DN from which every ramp starts.
# - `dark_current` subtracts a slowly growing amount; `refpix` a few DN that wander from group to group.
#
# > **Exercise `03-linearity-gain`.** By how many percent does `linearity` raise the signal of the bright pixel in the
# > **last usable group**, compared with the step before it, `reset`? Give `linearity_gain` in percent (tolerance 0.1
# > percentage points).

# %% tags=["answer"] exercise="03-linearity-gain"
linearity_gain = ...  # percent
# solution begin
before_it, after_it = (after[step][0, usable[-1], *bright] for step in ("reset", "linearity"))
linearity_gain = 100 * (after_it / before_it - 1)
# solution end
answers.give("03-linearity-gain", linearity_gain, unit="percent")

# %% [markdown]
# ### The slope
#
# A steady source makes a straight ramp, and its slope is the count rate. Here is the ramp of the bright pixel after
# all corrections, with the line through the usable groups.

# %%
ramp = after["jump"][0, :, *bright]
ramps.fit(time, ramp, np.isin(np.arange(len(time)), usable), simulated)

# %% [markdown]
# > **Exercise `03-rate-of-one-pixel`.** What is the count rate of this pixel? Fit a straight line to its usable
# > groups (`time[usable]`, `ramp[usable]`) and give `rate` in DN/s. It is compared with the pipeline's own (tolerance
# > 3 %).

# %% tags=["answer"] exercise="03-rate-of-one-pixel"
rate = ...  # DN/s
# solution begin
rate = np.polyfit(time[usable], ramp[usable], 1)[0]
# solution end
answers.give("03-rate-of-one-pixel", rate, unit="DN / s")

# %% [markdown]
# The pipeline fits in a cleverer way: it weights the groups according to the noise, which for a faint pixel is the
# read noise, equal in all groups, and for a bright one the photon noise, which adds up along the ramp. For the slope
# itself this makes a difference of a fraction of its error.

# %% [markdown]
# ## 4 · A pixel that fills up, and a pixel that was hit
#
# The same two kinds of ramps that the slides of the workshop show.

# %%
chosen = {"Bright": bright, "Saturating": saturating, "Hit by a cosmic ray": hit}
ramps.gallery(
    {name: after["raw"][0, :, *pixel] for name, pixel in chosen.items()},
    {name: quality["jump"][0, :, *pixel] for name, pixel in chosen.items()}, group_time, "03-gallery", simulated,
)  # fmt: skip

# %% [markdown]
# A full pixel stays at its maximum: the groups from there on carry no information and are flagged *saturated*; the
# ramp before them is still good. Its neighbours are flagged as well, because charge flows over.
#
# > **Exercise `03-first-saturated-group`.** In which group (counted from 0) is the saturating pixel flagged as
# > saturated for the **first** time? Its flags are in `its_quality`. Give `first_saturated`.

# %% tags=["answer"] exercise="03-first-saturated-group"
its_quality = quality["jump"][0, :, *saturating]
first_saturated = ...  # group number, counted from 0
# solution begin
first_saturated = np.argmax(its_quality & 2 > 0)
# solution end
answers.give("03-first-saturated-group", first_saturated)

# %% [markdown]
# A cosmic ray leaves its charge within an instant. Before and after the step the ramp has the same slope.
#
# > **Exercise `03-jump-group`.** In which group (counted from 0) does the hit pixel show the step for the first time?
# > Find it from the signal alone, `its_ramp`, as the `jump` step does. Give `jump_group`.

# %% tags=["answer"] exercise="03-jump-group"
its_ramp = after["refpix"][0, :, *hit]
jump_group = ...  # group number, counted from 0
# solution begin
jump_group = usable[0] + 1 + np.argmax(np.diff(its_ramp[usable]))
# solution end
answers.give("03-jump-group", jump_group)

# %% [markdown]
# > **Exercise `03-line-through-a-jump`.** What would come out if nobody noticed? Fit one straight line through **all
# > usable groups** of `its_ramp`, as if nothing had happened, and give `naive_rate` in DN/s (tolerance 2 %).

# %% tags=["answer"] exercise="03-line-through-a-jump"
naive_rate = ...  # DN/s
# solution begin
naive_rate = np.polyfit(time[usable], its_ramp[usable], 1)[0]
# solution end
answers.give("03-line-through-a-jump", naive_rate, unit="DN / s")

# %% [markdown]
# The pipeline cuts the ramp at the flagged group, fits the pieces, and averages their slopes:

# %%
pipeline_rate = fits.getdata(experiment["rate"], "SCI")
print(f"hit pixel {hit}: the pipeline gets {pipeline_rate[hit]:.2f} DN/s")

# %% [markdown]
# ## 5 · Stage 1 for all exposures
#
# The same for every exposure of your setting, science and background, and for the long detector, whose rate images we
# want to see at the end. Choose with the parameters `stages` and `stages_bg` whether it runs. Products that are there
# and unchanged are not made again.

# %%
from mrskit.pipeline import stages as pipeline

long_setting = Setting("34", "SHORT")
options = pipeline.Options(pixel_background=pixel_bg, master_background=master_bg, scheduler=scheduler)
for role, chosen_stages in (("source", stages), ("background", stages_bg)):
    for one in dict.fromkeys((setting, long_setting)):
        there = products.find(space.stage(role, "uncal"), "uncal", one)
        if "1" in chosen_stages and start_from == "" and there:
            made = pipeline.detector1(space, one, role=role, options=options)
            print(f"{role:<12}{one.name:<10}{len(made)} rate files")

# %% [markdown]
# ## 6 · Cosmic-ray showers
#
# Now and then a cosmic ray sets off a **shower**: a diffuse patch of extra light, tens of pixels wide, that appears
# in one group and fades within half a minute. No single pixel stands out, so the search for jumps does not see it. In
# deep observations of faint sources showers are among the worst troubles.
#
# The `jump` step has a search of its own for them, `find_showers`: it smooths the differences of groups and looks for
# extended patches. It needs many groups; on ten it does nothing at all, and only the log says so. Therefore the
# workspace holds one **long ramp** of 40 groups, with three showers: a bright, an intermediate and a shallow one.
#
# We make them visible in the raw ramp: what each group gained, minus what the same pixel gains in a typical group,
# without bright pixels, with single hits cut off, smoothed.

# %%
from scipy.ndimage import gaussian_filter

ramp_file = next(iter(sorted(space.ramp.glob("*_uncal.fits"))), raw_file)  # without a long ramp: the science exposure
gained = np.diff(fits.getdata(ramp_file, "SCI")[0].astype(np.float32), axis=0)  # DN, shape (ngroups - 1, 1024, 1032)
typical = np.median(gained, axis=0)
gained -= typical
gained[:, typical > 30] = 0  # the noise of bright pixels would hide what we look for
patches = np.stack([gaussian_filter(np.clip(image, -20, 20), 8) for image in gained])
patches -= np.median(patches, axis=(1, 2), keepdims=True)  # what changes over the whole detector is no shower

# %% [markdown]
# For each group, the brightest part of the smoothed image (the 99.95th percentile):

# %%
excess = np.full(len(gained) + 1, np.nan)  # one value a group; the first and the last groups are disturbed
excess[4:-1] = np.percentile(patches[3:-1], 99.95, axis=(1, 2))
detector.signal_by_group(excess, "03-shower-groups", simulated)

# %% [markdown]
# > **Exercise `03-shower-group`.** In which group (counted from 0) does the **brightest** shower begin? Give
# > `shower_group` (tolerance 1).

# %% tags=["answer"] exercise="03-shower-group"
shower_group = ...  # group number, counted from 0
# solution begin
shower_group = np.nanargmax(excess)
# solution end
answers.give("03-shower-group", shower_group)

# %% [markdown]
# Where are they? A shower goes on for some groups, so sums of five groups show it better. We take the brightest
# place, cut it out, and look for the next one. Each panel has its own scale. A dark patch is another shower, which
# lifted what counts as a typical group there; and a shower may still be fading when the next one begins.

# %%
total = np.cumsum(patches, axis=0)
longer = total[5:] - total[:-5]  # sums of five groups; element i begins with group i + 2
rest, places = longer[3:-1].copy(), []
for _ in range(3):
    index, row, column = (int(number) for number in np.unravel_index(np.argmax(rest), rest.shape))
    places.append((row, column, longer[index + 3]))
    rest[:, max(row - 150, 0) : row + 150, max(column - 150, 0) : column + 150] = 0
places.sort(key=lambda place: place[0])  # from bottom to top
detector.showers([image for _, _, image in places], ["Shower A", "Shower B", "Shower C"], "03-showers", simulated)

# %% [markdown]
# Now the pipeline, without and with its search. (About a minute: the search looks at every group.)

# %%
shower_rates = {}
for folder, search in (("without_showers", False), ("with_showers", True)):
    made = detector1_file(ramp_file, space.ramp.parent / folder, steps={"jump": {"find_showers": search}})
    shower_rates[folder] = made["rate"]
with_flag, without_flag = (fits.getdata(shower_rates[name], "DQ") for name in ("with_showers", "without_showers"))

# %%
detector.flags_with_and_without(without_flag & 4 > 0, with_flag & 4 > 0, "03-shower-flags", simulated)

# %% [markdown]
# > **Exercise `03-shower-pixels`.** How many pixels carry the flag of a jump (bit 4) **with** the search for showers,
# > but not without it? Give `shower_pixels`, a whole number, from `with_flag` and `without_flag` (tolerance 1 %).

# %% tags=["answer"] exercise="03-shower-pixels"
shower_pixels = ...  # a whole number
# solution begin
shower_pixels = ((with_flag & 4 > 0) & ~(without_flag & 4 > 0)).sum()
# solution end
answers.give("03-shower-pixels", shower_pixels)

# %% [markdown]
# > **Exercise `03-showers-found`.** Of which showers is a good part flagged? Compare the right-hand map with the
# > three images above. Give the letter as `showers_found`.
# >
# > - `"a"`: of none
# > - `"b"`: of the bright one only
# > - `"c"`: of the bright and the intermediate one
# > - `"d"`: of all three

# %% tags=["answer"] exercise="03-showers-found"
showers_found = ...  # "a", "b", "c" or "d"
# solution begin
new = (with_flag & 4 > 0) & ~(without_flag & 4 > 0)
flagged = [new[row - 10 : row + 10, column - 10 : column + 10].mean() > 0.3 for row, column, _ in places]
showers_found = "abcd"[sum(flagged)]
# solution end
answers.give("03-showers-found", showers_found)

# %% [markdown]
# ### Spot the questionable parameter
#
# A slide of the workshop turns the search on with three lines:
#
# ```python
# det1dict['jump']['expand_large_events'] = True    # (a)
# det1dict['jump']['find_showers'] = True           # (b)
# det1dict['jump']['extend_snr_threshold'] = 1.4    # (c)
# ```
#
# > **Exercise `03-questionable-parameter`.** One of them is not meant for MIRI at all. Which? Give the letter as
# > `questionable`; `"d"` means none.

# %% tags=["answer"] exercise="03-questionable-parameter"
questionable = ...  # "a", "b", "c" or "d"
# solution begin
questionable = "a"
# solution end
answers.give("03-questionable-parameter", questionable)

# %% [markdown]
# ## 7 · Rate images
#
# The result of stage 1: one number for each pixel, in DN/s. Science and background of your setting, on the same
# colours.

# %%
rate_files = {role: products.find(space.stage(role, "stage1"), "rate", setting)[0] for role in ("source", "background")}
rates = {role: fits.getdata(path, "SCI") for role, path in rate_files.items()}
detector.science_and_background(*rates.values(), "Count rate (DN/s)", setting, "03-rates", simulated)

# %% [markdown]
# Compare with the raw images of lesson 02: the cosmic rays are gone, and pixels that the mask calls bad have no value
# (grey).
#
# ### Slices, gaps and the dark strip
#
# In the background exposure of the **long** detector the telescope's own heat fills all slices evenly, so one sees
# where slices are and where not. The cut below is the median of rows 400 to 623, where the bowed slices stand nearly
# upright.

# %%
found = products.find(space.stage("background", "stage1"), "rate", long_setting)
even = fits.getdata(found[0] if found else rate_files["background"], "SCI")  # evenly lit
cut = np.nanmedian(even[400:624], axis=0)  # DN/s, shape (1032,)
top = np.percentile(cut[430:600], 90)  # typical of a lit column beside the strip
detector.illumination(even, (400, 624), (-0.2 * top, 1.7 * top), long_setting if found else setting, simulated)

# %% [markdown]
# > **Exercise `03-count-slices`.** How many slices do you count on the long detector? Give `slice_counts`, an array
# > of shape (2,): channel 4 (left half), channel 3 (right half).

# %% tags=["answer"] exercise="03-count-slices"
slice_counts = ...  # [channel 4, channel 3]
# solution begin
smooth = np.convolve(cut, np.ones(5) / 5, mode="same")
halves = smooth[4:490], smooth[490:1028]
lit = [half > (np.percentile(half, 10) + np.percentile(half, 80)) / 2 for half in halves]
slice_counts = [(np.diff(half.astype(int)) == 1).sum() for half in lit]
# solution end
answers.give("03-count-slices", slice_counts)

# %% [markdown]
# > **Exercise `03-dark-strip`.** Between which columns does no slice fall, in the middle of the detector? Give
# > `strip`, an array of shape (2,): first and last column without light in the cut (tolerance 6 columns).

# %% tags=["answer"] exercise="03-dark-strip"
strip = ...  # [first column, last column]
# solution begin
smooth, dark = np.convolve(cut, np.ones(5) / 5, mode="same"), np.median(cut[480:510])
left, right = ((dark + np.percentile(part, 80)) / 2 for part in (smooth[4:490], smooth[490:1028]))
strip = [np.flatnonzero(smooth[:490] > left)[-1] + 1, 490 + np.flatnonzero(smooth[490:] > right)[0] - 1]
# solution end
answers.give("03-dark-strip", strip)

# %% [markdown]
# The strip is not perfectly dark: stray light falls there, and what is left of the dark current. Lesson 04 uses it as
# a witness of how well both are removed.

# %% [markdown]
# ## What you can do now
#
# - Name the steps of stage 1 in their order, and say which of them change numbers and which only set flags.
# - Recognise saturation, nonlinearity and cosmic rays in a ramp, and read the flags of the pipeline.
# - Fit a count rate, and say what an unnoticed cosmic ray would do to it.
# - Say what showers are, when the search for them works, how much it finds, and which parameter is not meant for
#   MIRI.
# - Find slices, gaps and the dark strip in a rate image.
#
# **Next:** lesson 04 turns count rates into surface brightness, with a wavelength and a place on the sky for every
# pixel.
