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
# **Aims.** After this lesson you can follow one pixel through the steps of stage 1 and call `Detector1Pipeline` in your
# own notebook. You can say what saturation, nonlinearity and a cosmic ray do to a ramp. You can fit a count rate, judge
# how well a search finds cosmic-ray showers, and test whether the errors of a rate image are right.
#
# **Prerequisites.** Lessons 01 and 02 (ramps, hot pixels, cosmic rays). **Time.** 65 minutes; the pipeline works for
# about two of them.
#
# The exposures of the course are **simulated**, and every figure says so; the pipeline is real. If the workspace has
# only rate files (`start_from = "rate"`), the sections on ramps stay empty, but section 8 works.

# %% [markdown]
# ## Parameters
#
# This cell contains all settings that you may want to change.

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

from mrskit import answers, logs, products
from mrskit.course.shown import lesson03_figures as figures, own_calls, ramps, stand_in, tables
from mrskit.plotting import detector, showers

space = answers.begin("03_detector1")
setting = answers.setting()

# %% [markdown]
# ## 2 · What stage 1 does
#
# Stage 1, `Detector1Pipeline`, turns the ramp of each pixel (DN) into one number, the count rate (DN/s). It removes the
# effects of the *detector*. The table lists all steps that the pipeline can run for MIRI, in order. The column *code*
# shows the defaults of the installed code. The column *flight* adds the parameter files of CRDS, as the pipeline
# documentation describes them. The column *here* shows the choice of this course.
#
# | step | what it does | code | flight | here |
# |---|---|---|---|---|
# | `group_scale` | rescales groups averaged on board with a wrong divisor; no effect in FASTR1 | on | on | on |
# | `dq_init` | copies the mask of known bad pixels into the data quality | on | on | on |
# | `emicorr` | fits and subtracts an electronic interference, here of 10 Hz | off | on | on |
# | `saturation` | flags groups in which the pixel is full | on | on | on |
# | `ipc` | corrects the coupling of neighbouring pixels; MIRI has no reference file for it | on | off | off |
# | `firstframe` | flagged the first group; deprecated, since `rscd` does it | off | off | off |
# | `lastframe` | flags the last group, which the reset of the next row disturbs | on | on | on |
# | `reset` | subtracts the anomaly of the first groups after a reset | on | on | on |
# | `linearity` | straightens the ramp: a filling pixel loses response | on | on | on |
# | `rscd` | flags the first groups of every integration: the reset electronics still settle | on | on | on |
# | `dark_current` | subtracts the signal that collects without light | on | on | on |
# | `refpix` | subtracts the drift that the reference pixels see | on | off | off |
# | `charge_migration` | an effect of the near-infrared detectors | off | off | off |
# | `jump` | flags cosmic rays and, if asked for, showers | on | on | on |
# | `picture_frame` | removes a frame of thermal light in near-infrared detectors | off | off | off |
# | `clean_flicker_noise` | removes 1/f noise, a problem of the near infrared | off | off | off |
# | `persistence` | predicts the afterglow of earlier exposures; it has no model for MIRI | off | off | off |
# | `ramp_fit` | fits a straight line through the good groups: the rate | on | on | on |
# | `gain_scale` | rescales exposures that were taken with another gain | on | on | on |
#
# In three rows the code and the flight practice differ. The difference comes from a parameter file, and you get no
# warning if this file is missing. (Source: the documentation of jwst, `calwebb_detector1` and `refpix`.)
#
# Flags are stored in *data quality* arrays, with one value per group (`GROUPDQ`) or one value per pixel (`PIXELDQ`).
# Flags are bits that add up: 1 is do not use, 2 is saturated, 4 is jump. A group can have several flags, so test a bit
# with `&`, not with `==`.
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
# We run stage 1 on the first science exposure and keep the ramp after each step, in `Source/stage1/steps/`. This takes
# a few seconds. If the files already exist and are up to date, it takes no time. `one.after["linearity"]` is the ramp
# after that step, and `one.quality["linearity"]` contains its flags. `one.usable` lists the groups that the pipeline
# uses. `one.bright` is a bright pixel (row, column) that is not full and was not hit.

# %%
one = ramps.first_exposure(space, setting)

# %% [markdown]
# > **What do you expect?** Which of these steps changes the bright pixel's last group most? `"a"` `reset`, `"b"`
# > `linearity`, `"c"` `dark_current`.

# %%
answers.expect("03-steps", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# The first panel shows the ramp before and after all steps, with its final flags. Each of the other panels shows the
# *change* by one step. Steps that only set flags have no panel.

# %%
figures.through_the_steps(one)

# %% [markdown]
# - `reset` changes the first groups but not the last group. The change is largest in the very first group. `rscd` flags
#   that group anyway, so an error of this correction does no harm.
# - `linearity` increases the signal. The fuller the pixel, the larger the change. In this pixel no step changes the
#   last group more, so `"b"` is right. The polynomial uses raw DN, including the level of about 9500 DN at which every
#   ramp starts.
# - `dark_current` subtracts a slowly growing amount. `emicorr` subtracts a wave that has a different phase in each
#   group.
# - `rscd` flags the first group even if there is only one integration, because the reset before the integration
#   disturbs it too. For bright pixels with too few groups, the step can keep the first group
#   (`rscd.bright_use_group1`).
#
# > **Exercise `03-linearity-gain`.**

# %% tags=["answer"] exercise="03-linearity-gain"
linearity_gain = ...  # percent
# solution begin
before_it, after_it = (one.after[step][0, one.usable[-1], *one.bright] for step in ("reset", "linearity"))
linearity_gain = 100 * (after_it / before_it - 1)
# solution end
answers.give("03-linearity-gain", linearity_gain, unit="percent")

# %% [markdown]
# ### The slope
#
# A steady source makes a straight ramp, and the slope of the ramp is the count rate. The figure shows the ramp of the
# bright pixel after all corrections, with a line through the usable groups.

# %%
time, usable, ramp = ramps.of_bright(one)
figures.fit(one)

# %% [markdown]
# > **Exercise `03-rate-of-one-pixel`.**

# %% tags=["answer"] exercise="03-rate-of-one-pixel"
rate = ...  # DN/s
# solution begin
rate = np.polyfit(time[usable], ramp[usable], 1)[0]
# solution end
answers.give("03-rate-of-one-pixel", rate, unit="DN / s")

# %% [markdown]
# The pipeline weights the groups by their noise. In a faint pixel the read noise dominates, which is the same in all
# groups. In a bright pixel the photon noise dominates, which accumulates along the ramp. The two slopes differ by less
# than their errors.

# %% [markdown]
# ## 4 · Pixels that fill up, pixels that were hit
#
# No pixel fills up in this exposure of 28 s. But the workspace also contains a **long ramp** of the same field: 40
# groups in 111 s, with a star in the foreground. In the long ramp some pixels fill up. We run stage 1 on this ramp
# without the search for showers. Section 7 uses the result again. (This takes half a minute.)

# %%
long = ramps.long_ramp(space, setting)

# %% [markdown]
# > **What do you expect?** A bright pixel sees a constant source for 111 s. Compare its *raw* ramp with a straight line
# > through its first groups. The ramp `"a"` stays on the line, `"b"` falls below the line, `"c"` rises above the line.

# %%
answers.expect("03-linearity", ...)  # "a", "b" or "c", in the place of the dots

# %%
figures.bend(long)

# %% [markdown]
# The answer is `"b"`: the more charge a pixel contains, the more slowly it collects new charge. After `linearity` the
# ramp is nearly straight; the rest is the error of the polynomial. The next figure compares three kinds of pixels.

# %%
figures.gallery(ramps.kinds(one, long), "03-gallery")

# %% [markdown]
# A full pixel stays at its maximum. From then on, the groups contain no information and are flagged *saturated*; the
# ramp before them is still good. The neighbours of a full pixel are flagged as well, because charge spills over into
# them. A cosmic ray leaves its charge in an instant: the ramp has the same slope before and after the step.
#
# > **Exercise `03-own-pixels`.**

# %% tags=["answer"] exercise="03-own-pixels"
own_pixels = ...  # [[row, column], [row, column], [row, column]]
# solution begin
flags = long.quality["jump"][0]
full, struck = ((flags & bit > 0).any(axis=0) for bit in (2, 4))
good = long.bad & 1 == 0
itself = full & good & (long.after["raw"][0, -2] > 55_000)  # not beside a full one
largest = abs(np.diff(long.after["raw"][0, 1:-1], axis=0)).max(axis=0)  # DN in one group: a visible hit
struck_hard = struck & (largest > 300) & (largest < 3000)
own_masks = (itself if itself.any() else full & good, struck_hard & ~full & good, ~full & ~struck & good)
own_pixels = [np.argwhere(mask)[len(np.argwhere(mask)) // 3] for mask in own_masks]
# solution end
answers.give("03-own-pixels", own_pixels)

# %% [markdown]
# Once you have found your three pixels, the figure shows them:

# %%
figures.own_pixels(long, own_pixels)

# %% [markdown]
# ### How the pipeline finds a jump
#
# The `jump` step looks at the **differences** of successive groups. Each difference should be the count rate times the
# group time. A hit makes one difference larger. The limit depends on the noise of a difference, which comes from two
# reads and from the photons between them. The limit in sigma is `jump.rejection_threshold` (default `4.0`).
#
# > **Exercise `03-difference-noise`.**


# %% tags=["answer"] exercise="03-difference-noise"
def difference_noise(rate, group_time, gain, read_noise):
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
    jumps = ...  # boolean array, as long as the ramp
    # solution begin
    gained = np.diff(ramp)
    far = abs(gained - np.nanmedian(gained)) > threshold * noise
    jumps = np.concatenate(([False], far))
    # solution end
    return jumps


verdict = answers.give("03-find-jumps", find_jumps)

# %% [markdown]
# The next figure shows the jumps that your function finds in the pixel that was hit, and the pipeline's flags. The
# noise is measured from all pixels with a similar gain. Change the threshold from 4 to 1 or to 100: what does the
# function find then, and what does it miss?

# %%
figures.differences(*ramps.hit(one, long), find_jumps if verdict.outcome == "passed" else None, threshold=4.0)

# %% [markdown]
# A strong hit also marks the four neighbours of the pixel, even if their ramps show no jump (`jump.flag_4_neighbors` is
# `True` by default). The pipeline cuts the ramp at a flagged group, fits the pieces, and averages their slopes. One
# line through all groups would be too steep: compare the two numbers in the figure.

# %% [markdown]
# ## 5 · Stage 1 for all exposures
#
# Now run stage 1 on every science and background exposure of your setting. Also run it on the exposures of the long
# detector, whose rate images section 8 uses. The parameters `stages` and `stages_bg` decide whether stage 1 runs.
# Products that are up to date are not made again.

# %%
ramps.stage_one(space, setting, {"source": stages, "background": stages_bg}, scheduler, start_from)
empty_space, empty_setting = stand_in.of_empty_field(space, setting)

# %% [markdown]
# ## 6 · In your own notebook
#
# So far the kit has called STScI's pipeline for you. Without the kit you need three things: the two environment
# variables of CRDS (lesson 01), a raw file and one call.
#
# ```python
# from jwst.pipeline import Detector1Pipeline
#
# steps = {"jump": {"find_showers": True, "extend_snr_threshold": 1.4}, "emicorr": {"skip": False}}
# Detector1Pipeline.call("jw..._uncal.fits", steps=steps, save_results=True, output_dir="stage1")
# ```
#
# - `steps` contains one dictionary for each step. For all other parameters the pipeline uses the parameter files of
#   CRDS, and then the defaults of its code. `call` reads the parameter files, but `Detector1Pipeline().run(...)` does
#   not.
# - The results are `..._rate.fits`, the mean over all integrations, and `..._rateints.fits`, with one image per
#   integration. `{"linearity": {"save_results": True}}` keeps the ramp after a step.
# - The log appears below the cell. It lists the reference files and parameters that were used, so keep it. The header
#   of each product also records the run: `CAL_VER`, `CRDS_CTX`, and a keyword such as `S_JUMP` for each step
#   (`COMPLETE`, `SKIPPED`).
# - For all exposures of a program, write a loop or use several processes. `mrskit script WORKSPACE` writes a script
#   that repeats the reduction of this workspace.
#
# These parameters matter for the MRS: `jump.rejection_threshold`, `jump.find_showers`, `jump.extend_snr_threshold`,
# `emicorr.skip`, `refpix.skip`, `saturation.n_pix_grow_sat`, `rscd.bright_use_group1`.
#
# > **Exercise `03-own-steps`.**

# %% tags=["answer"] exercise="03-own-steps"
own_steps = ...  # {"step": {"parameter": value}, ...}
# solution begin
own_steps = {"jump": {"skip": True}, "emicorr": {"skip": False}, "saturation": {"n_pix_grow_sat": 0}}
# solution end
verdict = answers.give("03-own-steps", ... if own_steps is ... else repr(own_steps))

# %% [markdown]
# Now call the pipeline with your dictionary on two background exposures; section 8 needs the result. Until your
# dictionary is right, the lesson uses its own dictionary. `accelerated(...)` replaces slow functions of the pipeline by
# faster functions with the same results. Without it the call takes longer. (This takes half a minute.)

# %%
from jwst.pipeline import Detector1Pipeline

from mrskit.pipeline.faster.acceleration import accelerated

chosen = own_steps if verdict.outcome == "passed" else own_calls.WITHOUT_JUMP
folder = empty_space.stage("background", "stage1") / "without_jump"
for path in products.find(empty_space.stage("background", "uncal"), "uncal", empty_setting)[:2]:
    with logs.to_file(space.logs / f"own_{path.stem}.log"), accelerated("detector1"), stand_in.references(empty_space):
        Detector1Pipeline.call(str(path), steps=chosen, save_results=True, output_dir=str(folder))
own_rates = products.find(folder, "rate", empty_setting)

# %% [markdown]
# ## 7 · Cosmic-ray showers
#
# Sometimes a cosmic ray sets off a **shower**: a diffuse patch of extra light, tens of pixels wide. The patch appears
# in one group and then fades. Many showers last much longer than 20 s, and some even outlast a reset of the detector
# (STScI, *MIRI Features and Caveats*). No single pixel stands out, so the search for jumps does not see a shower. In
# deep observations of faint sources, showers are among the worst problems.
#
# The `jump` step has its own search for showers, `jump.find_showers` (default `False`). In flight a parameter file
# switches this search on for FASTR1. It smooths the differences between groups and looks for extended patches. The
# search needs many groups: with ten groups it does nothing, and only the log reports this. Therefore we use the long
# ramp of 40 groups, which contains three showers: a bright, an intermediate and a shallow one.
#
# We use the ramp after the corrections, because interference would hide the showers in the raw ramp. From the gain of
# each group we subtract the pixel's gain in a typical group. We leave out bright pixels, remove single hits, and smooth
# over 19 by 19 pixels. For each group the figure shows the 99.95th percentile of the smoothed image.

# %%
patches, excess = ramps.smoothed_gain(long)
showers.by_group(excess, long.simulated)

# %% [markdown]
# > **Exercise `03-shower-group`.**

# %% tags=["answer"] exercise="03-shower-group"
shower_group = ...  # group number, counted from 0
# solution begin
shower_group = np.nanargmax(excess)
# solution end
answers.give("03-shower-group", shower_group)

# %% [markdown]
# Where are the showers? A shower lasts for several groups, so a sum of five groups shows it better. The lesson finds
# the brightest place, masks it, and looks for the next place. Dashed squares mark the masked areas. Each panel has its
# own scale. A dark patch is a different shower, which raised the typical gain at that place.

# %%
images = ramps.brightest(patches)
showers.images(images, ["Shower A", "Shower B", "Shower C"], long.simulated)

# %% [markdown]
# > **Exercise `03-shower-boxes`.**

# %% tags=["answer"] exercise="03-shower-boxes"
boxes = ...  # [(first row, last row, first column, last column), ...]
# solution begin
from scipy.ndimage import label

boxes = []
for image in images:
    labels, _ = label(image > image.max() / 2)
    rows, columns = np.nonzero(labels == labels.flat[image.argmax()])
    boxes.append((rows.min(), rows.max(), columns.min(), columns.max()))
boxes = boxes or ...  # without a long ramp there are no images
# solution end
answers.give("03-shower-boxes", boxes)

# %% [markdown]
# ### How much does the search find?
#
# Two numbers describe the quality of a search. The *completeness* is the share of the true pixels that the search
# finds. The *false share* is the share of the found pixels that are not true. It is easy to make one number perfect,
# but hard to make both numbers good.
#
# > **Exercise `03-shower-scores`.**


# %% tags=["answer"] exercise="03-shower-scores"
def scores(found, true):
    completeness, false = ..., ...
    # solution begin
    both = (found & true).sum()
    completeness = both / true.sum() if true.any() else np.nan
    false = 1 - both / found.sum() if found.any() else np.nan
    # solution end
    return ... if completeness is ... else (completeness, false)


answers.give("03-shower-scores", scores)

# %% [markdown]
# Now run only the pipeline's search for showers on the ramp after the jump step. We use four values of
# `jump.extend_snr_threshold` (default `1.2`), which is the limit for a smoothed difference in sigma. The slide of the
# workshop sets 1.4. (This takes half a minute.)
#
# > **What do you expect?** Which shower does the search find at no useful threshold? `"a"` the bright one, `"b"` the
# > intermediate one, `"c"` the shallow one.

# %%
answers.expect("03-search", ...)  # "a", "b" or "c", in the place of the dots

# %%
search, parts, whole = ramps.searched(long, images, answers.reveal("03-shower-boxes"))
showers.search(search, whole, 1.2, long.simulated)
tables.shower_search(search, parts, whole)

# %% [markdown]
# The columns A, B and C contain the completeness for each shower. It is measured against the true showers once you have
# marked them yourself, and against the lesson's own outlines before that. In the course's ramp the default of 1.2 finds
# the bright shower without false detections. At 1.4, the value on the slide, the search finds no shower. At 1.0 it also
# finds part of the intermediate shower, with a few false patches. At 0.95 it flags noise over a tenth of the detector.
# The flagged pixels keep their other groups, so they only lose exposure time. The answer is `"c"`: the shallow shower
# is fainter than the noise on the scale of the smoothing, so no useful threshold finds it.
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
# MIRI's detectors are made of arsenic-doped silicon. The detectors of the near-infrared instruments are made of HgCdTe.
# Energetic particles leave different traces in each kind: **showers** in MIRI, and **snowballs** in the near infrared.
# Snowballs are large round events with a saturated core.
#
# > **Exercise `03-questionable-parameter`.**

# %% tags=["answer"] exercise="03-questionable-parameter"
questionable = ...  # "a", "b", "c" or "d"
# solution begin
questionable = "a"
# solution end
answers.give("03-questionable-parameter", questionable)

# %% [markdown]
# ### The second correction
#
# Stage 2 has a second correction, `straylight.clean_showers` (default `False`). It does not search for showers. It
# smooths the light between the slices over `straylight.shower_x_stddev` (default `18`) by `straylight.shower_y_stddev`
# (default `5`) pixels, and subtracts the result from the whole image. A shower does not follow the slices, so its light
# between the slices shows how much light the shower adds to the slices. We apply each correction alone and both
# together. The mask `core` marks the pixels between the slices inside the bright shower.

# %%
treated, core, number = ramps.treated(long, search)

# %% [markdown]
# > **Exercise `03-shower-left`.**

# %% tags=["answer"] exercise="03-shower-left"
shower_left = ...  # percent
# solution begin
if treated:
    shower_left = 100 * np.nanmedian(treated["clean_showers"][core]) / np.nanmedian(treated["nothing"][core])
# solution end
answers.give("03-shower-left", shower_left, unit="percent")

# %% [markdown]
# The figures show the rate image around the bright shower, and the light between the slices on the whole detector. The
# table shows the share of each shower that a correction removes. Its last column is the false area: the area where a
# correction changes the image by more than 0.05 DN/s although no shower is near.

# %%
figures.shower_rates(treated, core, long.simulated)
showers.cures(showers.between(treated, number > 0), whole, long.simulated)
tables.shower_cures(treated, parts, number) if shower_left is not ... else None

# %% [markdown]
# The search discards groups. This loses exposure time but does not bias the rates; however, the search misses faint
# showers. The subtraction does not search and does not need a threshold. It removes a part of every shower, and a part
# of all other smooth light between the slices. Near a bright source this light is the residual of the straylight
# correction, so the subtraction can create negative stripes. STScI does **not recommend `clean_showers` for bright
# sources**, and the archive does not use it (news of build 11.3, May 2025). As a rule, always run the search. Run the
# subtraction only for faint targets, and then look at the difference between the two rate images.

# %% [markdown]
# ## 8 · Rate images
#
# The result of stage 1 is one number per pixel, in DN/s. The figure shows science and background of your setting on the
# same scale.

# %%
rate_files = ramps.rate_files(space, setting)  # "source", "background" and "long" -> paths
figures.rates(rate_files["source"][0], rate_files["background"][0])

# %% [markdown]
# (Each row of the first figure is the median of four rows of the detector.) The second figure shows single pixels in a
# small window; compare it with the raw images of lesson 02. The cosmic rays are gone, and the bad pixels in the mask
# have no value (white). Warm pixels that are not in the mask are still visible; lesson 05 finds them.

# %% [markdown]
# ### Are the errors right?
#
# Each pixel of a rate image has an error, in the extension `ERR`. The two background exposures see the same empty sky,
# so each pixel should give the same rate in both, to within the errors. A difference divided by its error is called a
# **pull**. If the errors are right, pulls scatter with a width of 1. We use the rate files from section 6. They were
# made *without* a search for jumps, so all hits are still in them.

# %%
pulls = figures.pulls_of(own_rates)

# %% [markdown]
# > **Exercise `03-pull-width`.**

# %% tags=["answer"] exercise="03-pull-width"
pull_width = ...  # dimensionless
# solution begin
distance = abs(pulls - np.nanmedian(pulls))
pull_width = 1.4826 * np.nanmedian(distance)
# solution end
answers.give("03-pull-width", pull_width)

# %% [markdown]
# > **What do you expect?** The next figure also shows the pulls from the rate files of section 5, *with* the search for
# > jumps. Compared with your pulls, their standard deviation is `"a"` about the same, `"b"` a little smaller, `"c"`
# > several times smaller.

# %%
answers.expect("03-pulls", ...)  # "a", "b" or "c", in the place of the dots

# %%
figures.pulls(pulls, rate_files["background"], pull_width)

# %% [markdown]
# The answer is `"c"`. Without the search, the hits produce wide wings that dominate the standard deviation (see the
# legend). With the search it is several times smaller. The core is the same in both cases. If its width is below 1, the
# errors are larger than the scatter; if its width is above 1, they are smaller. The errors use the gain and the read
# noise in the reference files, which are estimates, so expect a few percent. Pulls that stay far from zero with the
# search are hits below its limit, and warm pixels that drift.
#
# ### Slices, gaps and the dark strip
#
# In the background exposure of the **long** detector the telescope's heat fills all slices evenly, so you can see the
# slices and the gaps. The cut below is the median of rows 400 to 623, where the curved slices are nearly vertical.

# %%
evenly_lit = rate_files["long"] or rate_files["background"]
cut = detector.illumination(evenly_lit[0], (400, 624))  # the median, DN/s, shape (1032,)

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
# The strip is not perfectly dark: it contains stray light and some residual dark current. Lesson 04 uses the strip to
# test how well both are removed.

# %% [markdown]
# ## 9 · What is too good here
#
# - Our dark current is the same in every exposure. Real darks change with time and place, and leave faint vertical
#   stripes over many exposures (STScI, *MIRI MRS Known Issues*).
# - Our three showers are smooth ellipses. Real showers have many shapes, and some outlast a reset.
# - Persistence and the brighter-fatter effect are switched off. In real data a bright source leaves an afterglow, and a
#   bright line appears wider than it is.
# - Our reference files differ from the truth by known amounts. For real data nobody knows the errors of the reference
#   files.
# - The long ramp has 40 groups, as in the real program. The other exposures have 10 groups, to save you time. With only
#   10 groups, a hit spoils a large part of a ramp.

# %% [markdown]
# ## What you can do now
#
# - Name the steps of stage 1, and say whether the code, a parameter file or you switch each step on.
# - Call `Detector1Pipeline` with your own dictionary, and find in the header which steps were run.
# - Recognise saturation, nonlinearity and cosmic rays in a ramp, and read the flags of the pipeline.
# - Fit a count rate, find a jump from the differences between groups, and say what an unnoticed hit would do.
# - Measure how complete and how pure a search for showers is, and choose a correction for your target.
# - Test whether the errors of a rate image are right.
# - Find slices, gaps and the dark strip in a rate image.
#
# **Next:** in lesson 04 you turn count rates into surface brightness, with a wavelength and a position on the sky for
# every pixel.

# %%
answers.summary()
