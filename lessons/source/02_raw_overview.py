# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · The raw data: first look at uncal files
#
# **Aims.** After this lesson you can open a raw MRS file and say what each part of it is, make a quick-look image,
# compare science and background on both detectors, and recognise what is on them: slices, the nucleus, emission lines,
# bad pixels and cosmic rays. You can do so with numpy, with a viewer in the notebook, and with DS9.
#
# **Prerequisites.** Lesson 01 (frame, group, integration). **Time.** 35 minutes.
#
# The exposures of the course are **simulated**, and every figure says so. With exposures from the archive in the same
# folders (`mrskit fetch`) the lesson runs unchanged; what it says about rows, columns and lines is then only a guide.

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

from mrskit import answers, products, viewers
from mrskit.bands import Setting
from mrskit.plotting import detector, diagrams, style

space = answers.begin(
    "02_raw_overview", workspace, use_ch=use_ch, use_band=use_band, stages=stages,
    stages_bg=stages_bg, pixel_bg=pixel_bg, master_bg=master_bg, start_from=start_from,
    data_source=data_source, scheduler=scheduler,
)  # fmt: skip
style.use(space)
setting = Setting(use_ch, use_band)
print(products.origin(space.root))

# %% [markdown]
# We take the first dither position, of the galaxy and of the empty background field.


# %%
def pair(setting):
    """Return a science and a background exposure; without any background, two of the source."""
    source = products.find(space.stage("source", "uncal"), "uncal", setting)
    background = products.find(space.stage("background", "uncal"), "uncal", setting)
    if source and not background:
        print(f"No background exposure of {setting.name}: the last dither of the source stands in for it.")
    return [*source[:1], *(background or source[-1:])[:1]]


science_file, background_file = pair(setting)
exposure = products.read_exposure(science_file)
simulated = exposure.simulated
print(f"science:    {science_file.name}")
print(f"background: {background_file.name}")
length = f"{exposure.integrations} integration(s) of {exposure.groups} groups"
print(f"{exposure.setting.name}, {length}, {exposure.readout}")

# %% [markdown]
# ## 2 · What is in an uncal file
#
# A FITS file is a list of *extensions*. This one holds:

# %%
with fits.open(science_file) as hdus:
    for hdu in hdus:
        axes = " x ".join(str(hdu.header[f"NAXIS{axis}"]) for axis in range(1, hdu.header["NAXIS"] + 1))
        print(f"{hdu.name:<11}{type(hdu).__name__:<13}{axes}")

# %% [markdown]
# | extension | content |
# |---|---|
# | `PRIMARY` | no data, but the header that says what was observed: detector, channel, band, target, dither ... |
# | `SCI` | the raw ramps, in DN ("data numbers"), as unsigned 16-bit integers |
# | `REFOUT` | the *reference output*: the fifth amplifier, which reads no pixels of the sky |
# | `GROUP` | the time at which each group was taken |
# | `INT_TIMES` | start, middle and end of each integration |
# | `ASDF` | all keywords again as a tree, for the pipeline's data models |
#
# The listing has the axes in the order of FITS, the fastest first. numpy counts the other way round.

# %%
diagrams.raw_file(exposure.integrations, exposure.groups)

# %% [markdown]
# Why so many groups and not just one image? Because the slope of the ramp is what we are after, and because the
# groups in between tell a steady source from a cosmic ray.

# %%
raw = fits.getdata(science_file, "SCI")
background_raw = fits.getdata(background_file, "SCI")
print(f"type {raw.dtype}, {raw.nbytes / 1e6:.0f} MB")

# %% [markdown]
# > **Exercise `02-sci-shape`.**

# %% tags=["answer"] exercise="02-sci-shape"
shape = ...  # four whole numbers
# solution begin
shape = raw.shape
# solution end
answers.give("02-sci-shape", shape)

# %% [markdown]
# And this is what is inside: one group as an image, and one pixel as a ramp. Below the figure there are sliders in a
# notebook that somebody has open: for the group, and for the row and the column of the pixel. Clicking into the image
# chooses the pixel, too.

# %%
viewers.slices(science_file, "02-ramp")

# %% [markdown]
# ### Reference output and reference pixels
#
# MIRI's detector has five outputs that work at the same time. Four of them read the pixels, and take turns from
# column to column: columns 0, 4, 8 ... belong to the first, columns 1, 5, 9 ... to the second. The fifth, the
# **reference output**, reads only blind elements; it feels the electronics without light. It delivers one value for
# every four pixels, so `REFOUT` has 1032 / 4 = 258 columns.
#
# Inside the array there are blind pixels too: the four columns on the left and the four on the right, the **reference
# pixels**. The level of each output wanders a little from group to group, and its reference pixels wander with it. The
# `refpix` step of stage 1 can subtract what they do; for MIRI the observatory leaves it out. The drift of these
# simulated exposures is so small that the subtraction would hardly be worth the noise that it adds. (Their reference
# output has noise alone; the drift is in the four data outputs.)
#
# > **Exercise `02-output-drift`.**

# %% tags=["answer"] exercise="02-output-drift"
drift = ...  # four numbers, DN
# solution begin
rise = raw[0, -2].astype(float) - raw[0, 1]
drift = np.array([rise[:, [output, 1028 + output]].mean() for output in range(4)])
# solution end
answers.give("02-output-drift", drift)

# %%
outputs = [[output, 1028 + output] for output in range(4)]
level = np.array([raw[0][:, :, columns].mean(axis=(1, 2)) for columns in outputs]).T  # (ngroups, 4)
detector.output_drift(level, simulated)

# %% [markdown]
# ## 3 · A quick-look image
#
# One group alone shows little: each pixel starts from its own level (the bias), which is larger than most signals.
# The simplest remedy is to subtract the first group from the last. But there is a trap in the type of the array.
#
# > **Exercise `02-wrapped-pixels`.**

# %% tags=["answer"] exercise="02-wrapped-pixels"
wrapped = ...  # a whole number
# solution begin
wrapped = (raw[0, -1] < raw[0, 0]).sum()
# solution end
answers.give("02-wrapped-pixels", wrapped)

# %% [markdown]
# It happens in most pixels! Without light, noise makes them go down as often as up, and besides, MIRI's first and
# last groups are a little off (lesson 03 flags them). So convert first, then subtract; and subtract the median too,
# because most pixels see hardly any light.

# %%
difference = raw[0, -1].astype(float) - raw[0, 0]  # DN
background_difference = background_raw[0, -1].astype(float) - background_raw[0, 0]  # DN
print(f"a typical pixel changes by {np.median(difference):.0f} DN")
difference -= np.median(difference)
background_difference -= np.median(background_difference)

# %% [markdown]
# ### The short detector: channels 1 and 2
#
# Left half: channel 1. Right half: channel 2. Both halves consist of vertical bands, the **slices**: the spectrometer
# cuts the image of the sky into strips and spreads each of them into a spectrum. On the short detector wavelength
# increases from bottom to top. The brightest places are lines of the nucleus; some of their light is scattered along
# the rows.

# %%
detector.science_and_background(
    difference, background_difference, "Last minus first group (DN)", setting, "02-short", simulated
)

# %% [markdown]
# In the background field there is hardly anything in these channels: sky and telescope are dark at 5 to 9 µm.
#
# ### The long detector: channels 3 and 4
#
# Left half: channel 4. Right half: channel 3. Wavelength increases from **top to bottom**. The telescope's own heat
# now lights up the slices also in the background field.

# %%
long_setting = Setting("34", "SHORT")
if not products.find(space.stage("source", "uncal"), "uncal", long_setting):
    print(f"No exposures of {long_setting.name} here: the figures show {setting.name} again.")
    long_setting = setting
long_raw = {
    role: fits.getdata(path, "SCI") for role, path in zip(("source", "background"), pair(long_setting), strict=True)
}
long_difference = {role: ramp[0, -1].astype(float) - ramp[0, 0] for role, ramp in long_raw.items()}
for image in long_difference.values():
    image -= np.median(image)

# %%
detector.science_and_background(
    *long_difference.values(), "Last minus first group (DN)", long_setting, "02-long", simulated
)

# %% [markdown]
# ### How bright is the glow?
#
# The dark strip between the channels (columns 480 to 511) sees no light: what it collects is dark current. The slices
# collect more. A mean over many pixels shows the difference, once hot pixels and cosmic rays are left out.
#
# > **Exercise `02-sky-glow`.**

# %% tags=["answer"] exercise="02-sky-glow"
from astropy.stats import sigma_clipped_stats  # returns mean, median and scatter without outliers

ramp = long_raw["background"][0].astype(float)
seconds = (len(ramp) - 2 - 3) * 2.77504  # between group 3 and the last but one: the others are a little off
rate = (ramp[-2] - ramp[3]) / seconds  # DN/s, slices and gaps
glow = ...  # [channel 4, channel 3], DN/s
# solution begin
parts = [slice(4, 460), slice(516, 1024), slice(480, 512)]
channel4, channel3, dark = (sigma_clipped_stats(rate[462:562, columns])[0] for columns in parts)
glow = [channel4 - dark, channel3 - dark]
# solution end
answers.give("02-sky-glow", glow, unit="DN / s")

# %% [markdown]
# ## 4 · Where is the nucleus?
#
# A compact source has a continuum at every wavelength: a bright vertical trace. It is brightest in the slices that
# cut through it, and fades in those beside. A worked example, on the long detector: the median over the central rows,
# where the slices stand nearly upright. A median, because cosmic rays and hot pixels do not move it.

# %%
light = np.median(long_difference["source"][462:562], axis=0)
long_nucleus = 516 + int(np.argmax(light[516:1024]))  # brightest column of the right half, channel 3
marks = {"nucleus in channel 3": long_nucleus}
heading = f"{long_setting.name}, rows 462-561"
detector.profile(
    np.arange(1032), light, "Column (pixel)", "Median signal (DN)", heading, "02-nucleus", simulated, marks
)

# %% [markdown]
# Each high peak is one slice that cuts through the nucleus: two in channel 3 (right), one or two in channel 4 (left),
# because both channels look at the same place of the sky. The small peaks beside them are slices that catch the rim
# of its image.
#
# > **Exercise `02-nucleus-column`.**

# %% tags=["answer"] exercise="02-nucleus-column"
nucleus_column = ...  # column number, counted from 0
# solution begin
nucleus_column = 4 + np.argmax(np.median(difference[462:562, 4:508], axis=0))
# solution end
answers.give("02-nucleus-column", nucleus_column)

# %% [markdown]
# ## 5 · An emission line
#
# Along the trace of the nucleus, from row to row, you walk through the spectrum. The trace is bowed by some pixels,
# so we follow it: in each row, the brightest column near the one found above. To be safe from cosmic rays and bad
# pixels we take the median of the five columns about it.

# %%
from scipy.ndimage import median_filter

image = long_difference["source"]
near = slice(long_nucleus - 22, long_nucleus + 8)
trace = near.start + np.argmax(median_filter(image[:, near], size=(41, 1)), axis=1)  # column in each row
along_nucleus = np.median([image[np.arange(1024), trace + offset] for offset in range(-2, 3)], axis=0)  # DN
detector.profile(np.arange(1024), along_nucleus, "Row (pixel)", "Signal (DN)", "Along the nucleus, channel 3",
                 "02-along-nucleus", simulated)  # fmt: skip

# %% [markdown]
# The regular waves are **fringes**, interference inside the detector (lesson 04 removes them). An emission line
# stands out above them, several rows wide. (A spike of a single row is a hot pixel or a cosmic ray.)
#
# > **Exercise `02-line-row`.**

# %% tags=["answer"] exercise="02-line-row"
line_row = ...  # row number, counted from 0
# solution begin
without_spikes = median_filter(along_nucleus, size=3)
above_continuum = without_spikes - median_filter(along_nucleus, size=61)
line_row = 100 + np.argmax(above_continuum[100:600])
# solution end
answers.give("02-line-row", line_row)

# %% [markdown]
# ### Which line?
#
# In band 3A the wavelength falls nearly linearly along the column, from 13.54 µm in row 0 to 11.49 µm in row 1023.
# The galaxy recedes with z = 0.0225, so a line of rest wavelength λ₀ is observed at λ₀ (1 + z). Candidates:
#
# | line | rest wavelength (µm) |
# |---|---|
# | H2 S(2) | 12.279 |
# | H I 7-6 | 12.372 |
# | [Ne II] | 12.814 |
# | [Ar V] | 13.102 |
#
# > **Exercise `02-line-name`.**

# %% tags=["answer"] exercise="02-line-name"
line_name = ...  # text
# solution begin
observed = 13.54 + (11.49 - 13.54) * line_row / 1023  # um
rest = {"H2 S(2)": 12.279, "H I 7-6": 12.372, "[Ne II]": 12.814, "[Ar V]": 13.102}
line_name = min(rest, key=lambda name: abs(rest[name] * 1.0225 - observed))
# solution end
answers.give("02-line-name", line_name)

# %% [markdown]
# ### Is it extended?
#
# Here is a window of rows 140 to 299 over the whole of channel 3, science and background.

# %%
detector.zooms(
    {"Science": long_difference["source"], "Background": long_difference["background"]}, (140, 300, 512, 1024),
    "Last minus first group (DN)", "02-line",
    "A window of channel 3. In the science exposure bright vertical traces are crossed by short "
    "horizontal dashes at similar rows in many slices; the background exposure has only smooth slices.",
    simulated,
)  # fmt: skip

# %% [markdown]
# > **Exercise `02-line-extended`.**

# %% tags=["answer"] exercise="02-line-extended"
extended = ...  # "a", "b", "c" or "d"
# solution begin
extended = "b"
# solution end
answers.give("02-line-extended", extended)

# %% [markdown]
# ## 6 · The same with DS9
#
# SAOImage DS9 is the viewer that many astronomers use for a first look. `mrskit view` starts it with the right
# extension, scale and cube axis; type this in a terminal (with the names of your workspace):
#
# ```text
# mrskit view --ds9 work/demo/Source/uncal/jw02732004001_02101_00001_mirifulong_uncal.fits
# mrskit view --ds9 --blink work/demo/*/uncal/*_00001_mirifulong_uncal.fits
# ```
#
# The first opens the science exposure of the long detector; the window *Cube* has a slider for the groups (and one for
# the integrations). The second opens science and background in two linked frames that blink. Look for the slices, the
# nucleus, the dashes of the line, and for specks that are in one frame only. The same command opens rate images, cubes
# and, without `--ds9`, everything in a window of matplotlib. Here is its view of the long detector:

# %%
long_files = products.find(space.stage("source", "uncal"), "uncal", long_setting)
viewers.slices(long_files[0], "02-ramp-long")

# %% [markdown]
# ## 7 · Everything else: features of the detector
#
# Back to the short detector. Blink between both exposures: side by side here, one after the other with the *play*
# button in a live notebook.

# %%
window = (600, 720, 20, 200)  # first row, last row + 1, first column, last column + 1
images = {"Science": difference, "Background": background_difference}
viewers.blink(
    images, window, "Last minus first group (DN)", "02-blink",
    "The same small window in both exposures. Some single bright pixels are in both at the same "
    "place; short bright streaks and specks are in only one of them.", simulated,
)  # fmt: skip

# %% [markdown]
# > **Exercise `02-same-place`.**

# %% tags=["answer"] exercise="02-same-place"
nature = ...  # "a", "b", "c" or "d"
# solution begin
nature = "c"
# solution end
answers.give("02-same-place", nature)

# %% [markdown]
# ### Bad pixels
#
# Bad pixels come in several kinds: **dead** ones do not react to light, **hot** ones fill up without light, **noisy**
# ones jump. Most are known, and listed in the mask among the reference files. But you can find many yourself: they
# lie far from all other pixels of a frame without a source. How far is far? The yardstick must not be bent by what it
# is to measure.
#
# > **Exercise `02-robust-z`.**


# %% tags=["answer"] exercise="02-robust-z"
def robust_z(frame):
    """Return each pixel's distance from the median in robust standard deviations."""
    z = ...  # array of the shape of the frame
    # solution begin
    distance = frame - np.nanmedian(frame)
    scatter = 1.4826 * np.nanmedian(np.abs(distance))
    z = distance / scatter if scatter > 0 else np.full(frame.shape, np.nan)
    # solution end
    return z


verdict = answers.give("02-robust-z", robust_z)

# %%
if verdict.outcome == "passed":
    far = robust_z(background_difference) > 10
    print(f"{far.sum()} pixels lie more than 10 standard deviations above the median")

# %% [markdown]
# Gaussian noise alone would leave none of a million pixels so far out. They are a mixture: hot pixels, and pixels that
# a cosmic ray hit. The second exposure tells them apart, because hot pixels stay where they are.
#
# > **Exercise `02-hot-pixels`.**

# %% tags=["answer"] exercise="02-hot-pixels"
seconds = (exposure.groups - 1) * 2.77504  # s
hot = ...  # boolean array of shape (1024, 1032)
# solution begin
hot = np.minimum(difference, background_difference) / seconds > 3
# solution end
answers.give("02-hot-pixels", hot)

# %% [markdown]
# ### Cosmic rays
#
# A charged particle frees electrons along its track, within an instant. So a hit makes a *step* in the ramp: one
# group gained much more than the others. In a difference of last and first group it looks like a bright pixel; the
# groups in between give it away.
#
# First by eye, in the window of the blink above, as you would do in DS9: a speck that is in one frame only came from
# outside.
#
# > **Exercise `02-tracks`.**

# %% tags=["answer"] exercise="02-tracks"
from mrskit.exercises.boxes import from_ranges

boxes = ...  # e.g. [(612, 614, 50, 55), (700, 700, 31, 32)]
# solution begin
from scipy.ndimage import find_objects, label

alone = (background_difference > 100) & (difference < 60)
alone[:600], alone[720:], alone[:, :20], alone[:, 200:] = False, False, False, False
found = find_objects(label(alone, np.ones((3, 3)))[0])
boxes = [(rows.start, rows.stop - 1, columns.start, columns.stop - 1) for rows, columns in found]
# solution end
marked = ... if boxes is ... else from_ranges((1024, 1032), boxes)
answers.give("02-tracks", marked)

# %% [markdown]
# Then all of them, by program: from the groups in between.
#
# > **Exercise `02-cosmic-rays`.**

# %% tags=["answer"] exercise="02-cosmic-rays"
gained = np.diff(raw.astype(np.float32), axis=1)  # DN, shape (nints, ngroups - 1, 1024, 1032)
hit = ...  # boolean array of shape (1024, 1032)
# solution begin
excess = gained - np.median(gained, axis=1, keepdims=True)
hit = (excess > 80).any(axis=(0, 1)) & (raw.max(axis=(0, 1)) < 50_000)
# solution end
answers.give("02-cosmic-rays", hit)

# %% [markdown]
# Once you have answered both, compare your masks with what the simulator really did. (On real data nobody knows, and
# this cell shows nothing.)

# %%
compared = {"cosmic rays": ("02-cosmic-rays", hit), "hot pixels": ("02-hot-pixels", hot)}
for word, (name, mine) in compared.items():
    truth = answers.reveal(name)
    if truth is not None:
        both = {f"Yours: {word}": np.asarray(mine), f"Truth: {word}": np.ma.filled(truth, False)}
        detector.masks(
            difference, both, window, "Last minus first group (DN)", f"02-{word.replace(' ', '-')}", simulated
        )

# %% [markdown]
# ## What you can do now
#
# - Say what each extension of an uncal file holds, and in which order its axes are.
# - Make a quick-look image from a ramp without falling into the trap of unsigned integers.
# - Say what the reference output and the reference pixels are for, and see the drift of the four outputs.
# - Tell slices, nucleus, emission line, fringes, hot pixels and cosmic rays apart, and say how you know.
# - Look at any product with sliders in a notebook, in a window, or in DS9, and blink two exposures.
# - Go from a detector row to a wavelength to a line, with the redshift in between.
#
# **Next:** lesson 03 turns ramps into count rates, and lets the pipeline find the cosmic rays.

# %%
answers.summary()
