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
# cosmic-ray showers by what it finds and what it flags wrongly, read a rate image, and test whether its errors are
# right.
#
# **Prerequisites.** Lessons 01 and 02 (ramps, hot pixels, cosmic rays). **Time.** 45 minutes; the pipeline works for
# about one of them.
#
# The exposures are **simulated**, and every figure says so; the pipeline is the real one. With real exposures in the
# same folders the lesson runs unchanged. If there are only rate files (`start_from = "rate"`), the sections on ramps
# say so and are passed over.

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

# %%
import numpy as np
from astropy.io import fits

from mrskit import answers, products
from mrskit.bands import Setting
from mrskit.course.shown import lesson03_figures as figures
from mrskit.plotting import detector, showers, style

space = answers.begin(
    "03_detector1", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg,
    pixel_bg=pixel_bg, master_bg=master_bg, start_from=start_from, data_source=data_source, scheduler=scheduler,
)  # fmt: skip
style.use(space)
setting = Setting(use_ch, use_band)
raw_files = products.find(space.stage("source", "uncal"), "uncal", setting)
if not raw_files:
    print("No raw files here: sections 3 to 6 are passed over, section 7 works.")

# %% [markdown]
# ## 2 · What stage 1 does
#
# Stage 1, `Detector1Pipeline`, turns the ramp of each pixel (DN) into one number, the count rate (DN/s). It takes
# away what the *detector* added. These are the steps that act on MRS data, in their order:
#
# | step | what it does |
# |---|---|
# | `dq_init` | copies the mask of known bad pixels into the data quality |
# | `emicorr` | fits and subtracts an electronic interference of 10 Hz |
# | `saturation` | flags groups in which the pixel is full |
# | `lastframe` | flags the last group, which the reset of the neighbouring rows pulls down |
# | `reset` | subtracts the anomaly of the first groups after a reset |
# | `linearity` | straightens the ramp: a filling pixel loses response |
# | `rscd` | flags the first groups, which remember the integration before |
# | `dark_current` | subtracts the signal that piles up without light |
# | `jump` | flags steps: cosmic rays, and if asked for, showers |
# | `ramp_fit` | fits a straight line through the good groups: the rate |
#
# A step `refpix` could remove the drift that the reference pixels feel as well; for MIRI it is skipped. That one is off
# and `emicorr` on stands in parameter files of CRDS alone: the code's own defaults are the opposite.
#
# Flags are kept in a *data quality* array, one for each group (`GROUPDQ`) and one for each pixel (`PIXELDQ`). They
# are bits that add up: 1 do not use, 2 saturated, 4 jump.
#
# > **Exercise `03-saturation-first`.**

# %% tags=["answer"] exercise="03-saturation-first"
reason = ...  # "a", "b", "c" or "d"
# solution begin
reason = "a"
# solution end
answers.give("03-saturation-first", reason)

# %% [markdown]
# ## 3 · One exposure, step by step
#
# We run stage 1 on the first science exposure and keep what each step leaves behind. The files go to
# `Source/stage1/steps/`. This takes some seconds; if they are there already and nothing has changed, it takes no
# time. The pipeline's own messages go to `logs/`.

# %%
from mrskit.pipeline import stages as pipeline
from mrskit.pipeline.steps.one_exposure import detector1_file

alone = pipeline.Options(scheduler="none")  # one exposure needs no helper processes
kept = ("dq_init", "emicorr", "saturation", "reset", "linearity", "rscd", "dark_current", "jump")
experiment = {}
if raw_files:
    raw_file = raw_files[0]
    simulated = products.read_exposure(raw_file).simulated
    steps_folder = space.stage("source", "stage1") / "steps"
    experiment = detector1_file(raw_file, steps_folder, save_steps=kept, options=alone)
print(", ".join(experiment) or "no raw files: nothing to run")

# %% [markdown]
# Read the ramps and the flags after each step.

# %%
if experiment:
    after = {"raw": fits.getdata(raw_file, "SCI").astype(np.float32)}
    after |= {step: fits.getdata(experiment[step], "SCI") for step in kept}
    quality = {step: fits.getdata(experiment[step], "GROUPDQ") for step in kept}
    quality = {"raw": np.zeros_like(quality["jump"])} | quality
    bad = fits.getdata(experiment["jump"], "PIXELDQ")
    group_time = fits.getval(raw_file, "TGROUP")  # s
    time = group_time * np.arange(1, after["raw"].shape[1] + 1)  # s since the reset

# %% [markdown]
# Which pixels shall we look at? Two, chosen by rules: a **bright** one that neither saturates nor is hit, and one that
# was **hit** by a cosmic ray. `usable` holds the numbers of the groups that the pipeline uses, first integration.

# %%
from mrskit.course.shown import pixels

if experiment:
    bright = pixels.bright(after["jump"], quality["jump"], bad)
    hit = pixels.hit(after["jump"], quality["jump"], bad)
    usable = pixels.usable_groups(quality["jump"])
    print(f"(row, column): bright {bright}, hit {hit}")
    print(f"usable groups: {usable[0]} to {usable[-1]} of 0 to {len(time) - 1}")

# %% [markdown]
# The bright pixel through the steps. The first panel shows its ramp before and after all of them, the others what
# each step *changed*; groups that a step flags carry a mark.


# %%
def through_the_steps(kind, pixel):
    """Draw one pixel before and after every step; call it with any pixel you like."""
    ramp = {name: values[0, :, *pixel] for name, values in after.items()}
    its_flags = {name: values[0, :, *pixel] for name, values in quality.items()}
    figures.steps(ramp, its_flags, group_time, kind, pixel, simulated)


if experiment:
    through_the_steps("bright", bright)

# %% [markdown]
# - `dq_init`, `saturation`, `rscd` and `jump` change no number: they set flags. (`lastframe` runs between `saturation`
#   and `reset`: its flag on the last group shows up in the panel of `reset`.)
# - `reset` changes the first groups only. Where the change is largest, in the very first, `rscd` flags the group as
#   well: what is left of the anomaly there does no harm.
# - `linearity` raises the signal, the more the fuller the pixel is. The polynomial works on raw DN, including the
#   level of some 9500 DN from which every ramp starts.
# - `dark_current` subtracts a slowly growing amount; `emicorr` a wave that meets each group at another phase.
#
# > **Exercise `03-linearity-gain`.**

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
if experiment:
    ramp = after["jump"][0, :, *bright]
    figures.fit(time, ramp, np.isin(np.arange(len(time)), usable), simulated)

# %% [markdown]
# > **Exercise `03-rate-of-one-pixel`.**

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
# ## 4 · Pixels that fill up, pixels that were hit
#
# The workshop's slides show a third kind of ramp, of a pixel that fills up. In 28 s no pixel does here, not even at the
# nucleus. But the workspace also holds a **long ramp** of the same field, 40 groups in 111 s, with a star in the
# foreground, which does. We take it through stage 1 as far as `jump`, without the search for showers:
# section 6 uses the result again. (Half a minute.)

# %%
ramp_files = sorted(space.ramp.glob("*_uncal.fits")) or raw_files
without = {"jump": {"find_showers": False}}
if experiment:
    folder = space.ramp.parent / "without_showers"
    made = detector1_file(ramp_files[0], folder, steps=without, save_steps=("jump",), options=alone)
    long_raw = fits.getdata(ramp_files[0], "SCI")
    long_flags, long_bad = (fits.getdata(made["jump"], name) for name in ("GROUPDQ", "PIXELDQ"))
    saturating = pixels.saturating(long_raw, long_flags, long_bad)
    print(f"(row, column): saturating {saturating}")

# %%
if experiment:
    chosen = {"Bright": (bright, after["raw"], quality["jump"]), "Saturating": (saturating, long_raw, long_flags),
              "Hit by a cosmic ray": (hit, after["raw"], quality["jump"])}  # fmt: skip
    its_ramps = {name: values[0, :, *pixel] for name, (pixel, values, _) in chosen.items()}
    its_flags = {name: values[0, :, *pixel] for name, (pixel, _, values) in chosen.items()}
    figures.gallery(its_ramps, its_flags, group_time, "03-gallery", simulated)

# %% [markdown]
# A full pixel stays at its maximum: the groups from there on carry no information and are flagged *saturated*; the
# ramp before them is still good. Its neighbours are flagged as well, because charge flows over. A cosmic ray leaves
# its charge within an instant: before and after the step the ramp has the same slope.
#
# > **Exercise `03-own-pixels`.**

# %% tags=["answer"] exercise="03-own-pixels"
flags = long_flags[0] if experiment else None
own_pixels = ...  # [[row, column], [row, column], [row, column]]
# solution begin
full, struck = ((flags & bit > 0).any(axis=0) for bit in (2, 4))
good = long_bad & 1 == 0
largest = abs(np.diff(long_raw[0, 1:-1].astype(np.float32), axis=0)).max(axis=0)  # DN in one group: a visible hit
struck_hard = struck & (largest > 300) & (largest < 3000)
masks = (full & good, struck_hard & ~full & good, ~full & ~struck & good)
own_pixels = [np.argwhere(mask)[len(np.argwhere(mask)) // 3] for mask in masks]
# solution end
answers.give("03-own-pixels", own_pixels)

# %% [markdown]
# Your pixels, when you have found them, and the lesson's pixel that was hit, through the steps:

# %%
if experiment:
    if own_pixels is not ...:
        own = dict(zip(("Your full pixel", "Your hit pixel", "Your quiet pixel"), own_pixels, strict=True))
        own_ramps = {name: long_raw[0, :, *pixel] for name, pixel in own.items()}
        own_flags = {name: long_flags[0, :, *pixel] for name, pixel in own.items()}
        figures.gallery(own_ramps, own_flags, group_time, "03-own-pixels", simulated)
    through_the_steps("hit", hit)

# %% [markdown]
# Saturated groups are left out of the linearity correction and of the fit.
# In the pixel that was hit every step does what it did in the bright one; only `jump` adds its mark. (A
# neighbour of a strong hit gets the mark as well, even if nothing is seen in its ramp: `jump.flag_4_neighbors` is
# `True` by default.)
#
# ### How the pipeline finds a jump
#
# It looks at the **differences** of successive groups. Each should be the count rate times the time of a group; a hit
# makes one of them larger. How much larger is too much? That depends on the noise of a difference: two reads, and the
# photons that arrive between them. The limit is `jump.rejection_threshold` (default `4.0`), in sigma.
#
# > **Exercise `03-difference-noise`.**


# %% tags=["answer"] exercise="03-difference-noise"
def difference_noise(rate, group_time, gain, read_noise):
    """Return the noise of the difference of two successive groups, DN."""
    noise = ...  # DN, one number for each rate
    # solution begin
    variance_of_photons = np.maximum(rate, 0) * group_time / gain  # DN^2
    noise = np.sqrt(2 * read_noise**2 + variance_of_photons)
    # solution end
    return noise


answers.give("03-difference-noise", difference_noise)

# %% [markdown]
# > **Exercise `03-find-jumps`.**


# %% tags=["answer"] exercise="03-find-jumps"
def find_jumps(ramp, noise, threshold):
    """Return which groups of a ramp (DN) begin with a jump."""
    jumps = ...  # boolean array, as long as the ramp
    # solution begin
    gained = np.diff(ramp)
    far = abs(gained - np.nanmedian(gained)) > threshold * noise
    jumps = np.concatenate(([False], far))
    # solution end
    return jumps


verdict = answers.give("03-find-jumps", find_jumps)

# %% [markdown]
# Your function on the pixel that was hit, beside the pipeline's flags. The noise is estimated from the ramp itself,
# with medians, so that the hit does not spoil it.

# %%
if experiment:
    clean = after["dark_current"][0, :, *hit].astype(float)
    clean[~np.isin(np.arange(len(time)), usable)] = np.nan
    gained = np.diff(clean)
    noise = 1.4826 * np.nanmedian(abs(gained - np.nanmedian(gained)))  # DN
    pipeline_found = quality["jump"][0, :, *hit] & 4 > 0
    mine = find_jumps(clean, noise, 4.0) if verdict.outcome == "passed" else pipeline_found
    figures.differences(gained, noise, 4.0, mine, hit, simulated)
    found_by = [np.flatnonzero(found).tolist() for found in (mine, pipeline_found)]
    print(f"groups with a jump: yours {found_by[0]}, the pipeline's {found_by[1]}")

# %% [markdown]
# What would come out if nobody noticed? The pipeline cuts the ramp at the flagged group, fits the pieces, and
# averages their slopes. A line through everything is too steep:

# %%
if experiment:
    naive = np.polyfit(time[usable], clean[usable], 1)[0]
    pipeline_rate = fits.getdata(experiment["rate"], "SCI")[hit]
    print(f"hit pixel {hit}: {naive:.2f} DN/s with one line, the pipeline gets {pipeline_rate:.2f}")

# %% [markdown]
# ## 5 · Stage 1 for all exposures
#
# The same for every exposure of your setting, science and background, and for the long detector, whose rate images we
# want to see at the end. Choose with the parameters `stages` and `stages_bg` whether it runs. Products that are there
# and unchanged are not made again.

# %%
long_setting = Setting("34", "SHORT")
options = pipeline.Options(
    pixel_background=pixel_bg, master_background=master_bg, scheduler=scheduler,
)  # fmt: skip
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
# The `jump` step has a search of its own for them, `jump.find_showers` (default `False`): it smooths the differences
# of groups and looks for extended patches. It needs many groups; on ten it does nothing at all, and only the log says
# so. Therefore the workspace holds one **long ramp** of 40 groups, with three showers: a bright, an intermediate and
# a shallow one.
#
# We make them visible in the raw ramp: what each group gained, minus what the same pixel gains in a typical group,
# without bright pixels, with single hits cut off, smoothed twice with a running mean of 19 by 19 pixels.

# %%
from scipy.ndimage import uniform_filter

ramp_file = next(iter(sorted(space.ramp.glob("*_uncal.fits"))), raw_files[0] if raw_files else None)
if ramp_file and (groups := products.read_exposure(ramp_file).groups) < 20:
    print(f"Your longest ramp has {groups} groups. Showers need 20 or more, so this section has nothing to show.")
    ramp_file = None
if ramp_file:
    simulated = products.read_exposure(ramp_file).simulated
    gained = np.diff(fits.getdata(ramp_file, "SCI")[0].astype(np.float32), axis=0)  # DN
    typical = np.median(gained, axis=0)
    gained = np.clip(gained - typical, -20, 20)
    gained[:, typical > 30] = 0  # the noise of bright pixels would hide what we look for
    patches = uniform_filter(uniform_filter(gained, (1, 19, 19)), (1, 19, 19))
    # what rises or falls over the whole detector is no shower
    patches -= np.median(patches[:, ::8, ::8], axis=(1, 2))[:, None, None]

# %% [markdown]
# For each group, the brightest part of the smoothed image (the 99.95th percentile):

# %%
if ramp_file:
    excess = np.full(len(gained) + 1, np.nan)  # the first and the last groups are disturbed
    excess[4:-1] = np.percentile(patches[3:-1, ::3, ::3], 99.95, axis=(1, 2))
    showers.by_group(excess, simulated)

# %% [markdown]
# > **Exercise `03-shower-group`.**

# %% tags=["answer"] exercise="03-shower-group"
shower_group = ...  # group number, counted from 0
# solution begin
shower_group = np.nanargmax(excess)
# solution end
answers.give("03-shower-group", shower_group)

# %% [markdown]
# Where are they? A shower goes on for some groups, so sums of five groups show it better. We take the brightest
# place, cut it out, and look for the next one: hence the plain squares. Each panel has its own scale. A dark patch is
# another shower, which lifted what counts as a typical group there.

# %%
images = []
if ramp_file:
    total = np.cumsum(patches, axis=0)
    longer = total[5:] - total[:-5]  # sums of five groups
    rest = longer[3:-1].copy()
    for _ in range(3):
        index, row, column = np.unravel_index(np.argmax(rest), rest.shape)
        images.append((row, rest[index].copy()))
        rest[:, max(row - 150, 0) : row + 150, max(column - 150, 0) : column + 150] = 0
    images = [image for _, image in sorted(images, key=lambda item: item[0])]  # from bottom to top
    showers.images(images, ["Shower A", "Shower B", "Shower C"], simulated)

# %% [markdown]
# > **Exercise `03-shower-boxes`.**

# %% tags=["answer"] exercise="03-shower-boxes"
from scipy.ndimage import label

from mrskit.exercises.boxes import from_ranges

boxes = ...  # [(first row, last row, first column, last column), ...]
# solution begin
boxes = []
for image in images:
    labels, _ = label(image > image.max() / 2)
    rows, columns = np.nonzero(labels == labels.flat[image.argmax()])
    boxes.append((rows.min(), rows.max(), columns.min(), columns.max()))
# solution end
marked = ... if boxes is ... else from_ranges((1024, 1032), boxes)
answers.give("03-shower-boxes", marked)

# %% [markdown]
# ### How much does the search find?
#
# A search is judged by two numbers. *Completeness*: which share of what is there does it find? *False share*: which
# share of what it finds is not there? It is easy to make one of them perfect, and hard to have both.
#
# > **Exercise `03-shower-scores`.**


# %% tags=["answer"] exercise="03-shower-scores"
def scores(found, true):
    """Return completeness and false share of a mask against the true one."""
    completeness, false = ..., ...
    # solution begin
    both = (found & true).sum()
    completeness = both / true.sum() if true.any() else np.nan
    false = 1 - both / found.sum() if found.any() else np.nan
    # solution end
    return ... if completeness is ... else (completeness, false)


answers.give("03-shower-scores", scores)

# %% [markdown]
# Now the pipeline. First the long ramp through stage 1 without the search. Then the search alone, on what the jump
# step has left, at four values of `jump.extend_snr_threshold` (default `1.2`): how many sigma a smoothed difference
# must have. The slide of the workshop sets 1.4. (Half a minute.)

# %%
from mrskit.pipeline.steps import stages12
from mrskit.pipeline.steps.shower_search import read as read_search

search = {}
if ramp_file:
    folder = space.ramp.parent / "without_showers"
    made = detector1_file(
        ramp_file, folder, steps=without, save_steps=("jump",), options=alone,
    )  # fmt: skip
    found = stages12.jump_file(space, made["jump"], alone)
    search = read_search(found["showers"])  # threshold -> pixels that only the search flags
for threshold, mask in search.items():
    print(f"{threshold:.2f} sigma: {mask.sum():7d} pixels flagged by the search alone")

# %% [markdown]
# > **Exercise `03-search-completeness`.**

# %% tags=["answer"] exercise="03-search-completeness"
from mrskit.analysis import masks

parts = [masks.peak_patch(image) for image in images]
completeness = ...  # array of shape (3,)
# solution begin
completeness = np.array([search[1.0][part].mean() for part in parts])
# solution end
answers.give("03-search-completeness", completeness)

# %% [markdown]
# When you have answered: the completeness of each shower at all thresholds, the false share of what is flagged and its
# area, with the truth, which the lesson shows now that you have marked the showers yourself (otherwise your own masks
# are used). Without the search all three stay in the data whole.

# %%
from IPython.display import Markdown

true = answers.reveal("03-shower-boxes") if search else None
core = np.any(parts, axis=0) if true is None else np.ma.getdata(true)  # the bright parts
whole = core if true is None else core | np.ma.getmaskarray(true)  # with their faint edges
order = np.argsort([-image.max() for image in images])
names = dict(zip(order, ("bright", "intermediate", "shallow"), strict=bool(images)))
heads = [f"{letter}: {names[number]}" for number, letter in enumerate("ABC"[: len(images)])]
table = [f"| threshold (sigma) | {' | '.join(heads)} | false share | false area |", "|---" * (len(heads) + 3) + "|"]
for threshold, mask in search.items():
    shares = [100 * masks.completeness(mask, core & part) for part in parts]
    row = [f"{share:.0f} %" for share in (*shares, 100 * masks.false_share(mask, whole))]
    table.append(f"| {threshold:.2f} | {' | '.join(row)} | {100 * (mask & ~whole).mean():.2f} % of the detector |")
Markdown("\n".join(table)) if search and completeness is not ... else None

# %%
if search:
    showers.search(search, whole, 1.2, simulated)

# %% [markdown]
# There is a cliff. Above it the search is pure, and blind to all but the bright shower. A step below it chance
# patches of noise are large enough to count, and a good part of the detector is flagged in some group: nothing is
# lost for ever, because other groups of these pixels are still good, but exposure time is. The shallow shower is
# fainter than the noise on the scale on which the step smooths: no threshold finds it alone. Lesson 04 shows the
# second cure.
#
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
# > **Exercise `03-questionable-parameter`.**

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
roles = ("source", "background")
rate_files = {role: products.find(space.stage(role, "stage1"), "rate", setting) for role in roles}
simulated = products.read_exposure(rate_files["source"][0]).simulated
rates = [fits.getdata(found[0], "SCI") for found in rate_files.values()]
detector.science_and_background(*rates, "Count rate (DN/s)", setting, "03-rates", simulated)

# %% [markdown]
# Compare with the raw images of lesson 02: the cosmic rays are gone, and pixels that the mask calls bad have no value
# (grey).
#
# ### Are the errors right?
#
# Each pixel of a rate image has an error, in the extension `ERR`. Are these errors right? The two background
# exposures look at the same empty sky, so each pixel should give the same count rate in both, to within the errors. A
# difference divided by its error is called a **pull**; if the errors are right, pulls scatter with a width of 1.

# %%
pulls = np.full((1024, 1032), np.nan)
if len(rate_files["background"]) > 1:
    pair = rate_files["background"][:2]
    first, second = (fits.getdata(path, "SCI") for path in pair)
    error_1, error_2 = (fits.getdata(path, "ERR") for path in pair)
    with np.errstate(invalid="ignore", divide="ignore"):
        pulls = (first - second) / np.hypot(error_1, error_2)

# %% [markdown]
# > **Exercise `03-pull-width`.**

# %% tags=["answer"] exercise="03-pull-width"
pull_width = ...  # dimensionless
# solution begin
distance = abs(pulls - np.nanmedian(pulls))
pull_width = 1.4826 * np.nanmedian(distance)
# solution end
answers.give("03-pull-width", pull_width)

# %%
if np.isfinite(pulls).any():
    figures.pulls(pulls, None if pull_width is ... else pull_width, simulated)

# %% [markdown]
# A width below 1 says that the errors are larger than the scatter, above 1 that they are smaller. They are made from
# the gain and the read noise of the reference files, which are estimates: some percent is what one may expect. Pixels
# far out in the wings are those of which the noise model knows nothing, such as small hits below the limit of the
# jump step.
#
# ### Slices, gaps and the dark strip
#
# In the background exposure of the **long** detector the telescope's own heat fills all slices evenly, so one sees
# where slices are and where not. The cut below is the median of rows 400 to 623, where the bowed slices stand nearly
# upright.

# %%
found = products.find(space.stage("background", "stage1"), "rate", long_setting)
even = fits.getdata((found or rate_files["background"])[0], "SCI")  # evenly lit
cut = np.nanmedian(even[400:624], axis=0)  # DN/s, shape (1032,)
top = np.percentile(cut[430:600], 90)  # typical of a lit column beside the strip
shown = long_setting if found else setting
detector.illumination(even, (400, 624), (-0.2 * top, 1.7 * top), shown, simulated)

# %% [markdown]
# > **Exercise `03-count-slices`.**

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
# > **Exercise `03-dark-strip`.**

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
# - Fit a count rate, find a jump by the differences of groups, and say what an unnoticed hit would do.
# - Say what showers are, and measure how complete and how pure a search for them is.
# - Say which parameter of the slide is not meant for MIRI, and what the threshold of the search trades for what.
# - Test whether the errors of a rate image are right.
# - Find slices, gaps and the dark strip in a rate image.
#
# **Next:** lesson 04 turns count rates into surface brightness, with a wavelength and a place on the sky for every
# pixel.

# %%
answers.summary()
