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
# **Aims.** After this lesson you can open a raw MRS file and say what each part of it is. You can make a quick-look
# image and compare science and background on both detectors. You can recognise slices, the nucleus, emission lines,
# interference, bad pixels and cosmic rays. You can look at raw data with numpy, with a viewer in the notebook, and with
# DS9.
#
# **Prerequisites.** Lesson 01 (frame, group, integration). **Time.** 55 minutes.
#
# The exposures of the course are **simulated**, and every figure says so. The lesson also runs on exposures from the
# archive (`mrskit fetch`). Its numbers for rows, columns and lines are then only a guide.

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
from astropy.io import fits

from mrskit import answers, products, viewers
from mrskit.course.shown import raw_files, tables
from mrskit.plotting import detector, diagrams

space = answers.begin("02_raw_overview")
setting = answers.setting()

# %% [markdown]
# We use the first dither position of the galaxy and of the empty background field.

# %%
science_file, background_file = raw_files.pair(space, setting)
exposure = products.read_exposure(science_file)
tables.exposures([exposure, products.read_exposure(background_file)])

# %% [markdown]
# ## 2 · What is in an uncal file
#
# A FITS file is a list of *extensions*. This file contains:

# %%
raw_files.extensions(science_file)

# %% [markdown]
# | extension | content |
# |---|---|
# | `PRIMARY` | no data, but the header that says what was observed: detector, channel, band, target, dither ... |
# | `SCI` | the raw ramps, in DN ("data numbers"), as unsigned 16-bit integers |
# | `REFOUT` | the *reference output*: the fifth amplifier, which reads no pixels of the sky |
# | `GROUP` | the time at which each group was taken |
# | `INT_TIMES` | start, middle and end of each integration |
# | `ASDF` | all keywords again as a tree, for the pipeline's data models |

# %%
diagrams.raw_file(exposure.integrations, exposure.groups)

# %% [markdown]
# Why so many groups and not just one image? Because we want the slope of the ramp, and because the groups in between
# distinguish a steady source from a cosmic ray. The listing shows the axes in FITS order.

# %%
raw, background_raw = (fits.getdata(path, "SCI") for path in (science_file, background_file))
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
# The next figure shows one group as an image, and one pixel as a ramp. In a live notebook the figure has sliders for
# the group, and for the row and the column of the pixel. You can also click on the image to choose the pixel.

# %%
viewers.slices(science_file, "02-ramp")

# %% [markdown]
# ### Reference output and reference pixels
#
# MIRI's detector has five outputs that work at the same time. Four outputs read the pixels and take turns from column
# to column. Columns 0, 4, 8 ... belong to the first output, and columns 1, 5, 9 ... to the second. The fifth output,
# the **reference output**, reads only blind elements. It delivers one value for every four pixels, so `REFOUT` has 1032
# / 4 = 258 columns. The array also has blind pixels, the **reference pixels**: the four columns on the left and the
# four columns on the right.
#
# The level of each output drifts a little, and its reference pixels drift with it. The step `refpix` of stage 1 can
# subtract that drift. For MIRI the drift is small, and in flight the step is *off* (pipeline documentation, `refpix`).
# A different electronic disturbance is larger; you will see it below.

# %% [markdown]
# ## 3 · A quick-look image
#
# A single group hides faint light, because each pixel starts from its own level (the bias), which is larger than most
# signals. The simplest remedy is to subtract the first group from the last. Most pixels receive hardly any light here.
# In how many pixels do you expect the last group to be *below* the first?
#
# - `"a"`: in hardly any pixels, because charge can only accumulate
# - `"b"`: in about half of the pixels, because of the noise
# - `"c"`: in nearly all pixels

# %%
answers.expect("02-wrapped-pixels", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# Count these pixels. Their number matters because of the type of the array.
#
# > **Exercise `02-wrapped-pixels`.**

# %% tags=["answer"] exercise="02-wrapped-pixels"
wrapped = ...  # a whole number
# solution begin
wrapped = (raw[0, -1] < raw[0, 0]).sum()
# solution end
answers.give("02-wrapped-pixels", wrapped)


# %%
def last_minus_first(ramps):
    """Return the change from the first to the last group of the first integration, DN, above a typical pixel."""
    change = ramps[0, -1].astype(float) - ramps[0, 0]  # float before the subtraction
    print(f"a typical pixel changes by {np.median(change):.0f} DN")
    return change - np.median(change)


difference, background_difference = last_minus_first(raw), last_minus_first(background_raw)

# %% [markdown]
# The answer is `"c"`. Noise alone would make half of the pixels fall. The main cause is an offset: MIRI's first and
# last groups do not lie on the line through the other groups. A typical pixel *falls* by about 30 DN between them.
# Stage 1 leaves both groups out (lesson 03). So convert to float first, then subtract the groups, and then subtract the
# median of the image.
#
# ### The short detector: channels 1 and 2

# %%
label, simulated = "Last minus first group (DN)", exposure.simulated
detector.science_and_background(difference, background_difference, label, setting, "02-bands", simulated, rows=4)

# %% [markdown]
# (Each row of this figure is the median of four rows of the detector, so that single bad pixels vanish.) The vertical
# stripes are light. The *horizontal* bands are in both exposures. They are electronic interference. The pixels are read
# one after the other, so a wave in time becomes a wave from row to row.
#
# > **Exercise `02-interference`.**
#
# Answer before you run the next code cell. It removes the bands from `background_difference`.

# %% tags=["answer"] exercise="02-interference"
frequency = ...  # Hz
# solution begin
level = np.median(background_difference, axis=1)
power = np.abs(np.fft.rfft(level - level.mean()))
frequency = np.fft.rfftfreq(1024, 0.00271)[5 + np.argmax(power[5:])]
# solution end
answers.give("02-interference", frequency, unit="Hz")

# %% [markdown]
# In flight the step `emicorr` is *on* for MIRI. It fits such waves to the ramps and subtracts them. Without the
# correction, the noise of a read is about 20 % higher (pipeline documentation, `emicorr`). For our quick look a simpler
# remedy is enough. Columns 480 to 511 lie between the channels and receive no light, so they show only the bands.


# %%
def without_bands(image):
    """Return an image minus what the dark columns of each row show."""
    return image - np.median(image[:, 480:512], axis=1, keepdims=True)


difference, background_difference = without_bands(difference), without_bands(background_difference)
detector.science_and_background(difference, background_difference, label, setting, "02-short", simulated, rows=8)

# %% [markdown]
# Left half: channel 1. Right half: channel 2. The spectrometer cuts the image of the sky into strips, the **slices**.
# It spreads each slice into a spectrum, which is a curved vertical band. Channel 2 shows its slices side by side. In
# channel 1 the galaxy is faint between the lines, and only the slices of the nucleus stand out. On the short detector,
# wavelength increases from bottom to top. The short bright spots are emission lines from the galaxy. Some light from
# the brightest lines is scattered along the rows. This light reaches the dark columns too, so our simple remedy
# subtracts a little too much in those rows.
#
# The background field shows hardly any light, because sky and telescope are dark at 5 to 9 µm. What do you expect from
# the background field on the *long* detector, at 12 to 21 µm in this sub-band?
#
# - `"a"`: no light again
# - `"b"`: a glow in channel 3, the shorter wavelengths
# - `"c"`: a glow in channel 4, the longer wavelengths

# %%
answers.expect("02-long", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# ### The long detector: channels 3 and 4
#
# Left half: channel 4. Right half: channel 3. Wavelength increases from **top to bottom**.

# %%
long_setting, long_files, z, long_made = raw_files.of_long(space, setting)  # redshift; whether they are simulated
long_raws = [fits.getdata(path, "SCI") for path in long_files]
long_difference, long_background = (without_bands(last_minus_first(ramps)) for ramps in long_raws)
detector.science_and_background(long_difference, long_background, label, long_setting, "02-long", long_made, 8)

# %% [markdown]
# The answer is `"c"`: channel 4 also glows in the background field, mostly from the telescope's own heat. In channel 3
# the glow is hidden in the noise of this short exposure. A mean over many pixels reveals the glow.
#
# ### How bright is the glow?
#
# The dark strip between the channels (columns 480 to 511) receives no light, so it collects only dark current. The
# slices collect more charge.
#
# > **Exercise `02-sky-glow`.**

# %% tags=["answer"] exercise="02-sky-glow"
from astropy.stats import sigma_clipped_stats  # returns mean, median and scatter without outliers

ramp = long_raws[1][0].astype(float)  # background, DN; its first groups and the last one are a little off
seconds = (len(ramp) - 2 - 3) * fits.getval(long_files[1], "TGROUP")  # from group 3 to the second to last
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
# A compact source with a continuum makes a bright vertical trace on the detector. The trace is brightest in the slices
# that cut through the source, and fainter in the neighbouring slices. Here is a worked example for the long detector.
# It computes the median over the central rows, where the slices are nearly vertical. Cosmic rays and hot pixels do not
# affect a median.

# %%
light = np.median(long_difference[462:562], axis=0)
long_nucleus = 516 + int(np.argmax(light[516:1024]))  # brightest column of the right half, channel 3
marks = {"nucleus in channel 3": long_nucleus}
detector.profile(light, "Column", "Median of rows 462-561 (DN)", long_setting.name, "02-nucleus", long_made, marks)

# %% [markdown]
# Each high peak is one slice that cuts through the nucleus, in channel 3 (right) and in channel 4 (left). Both channels
# look at the same place on the sky. The lower peaks are slices that contain the edge of the image of the nucleus.
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
# The trace of the nucleus is a spectrum: each row has a different wavelength. The trace is curved by a few pixels, so
# we have to follow it. First, a median over five rows removes most cosmic rays and bad pixels. Then `along_trace` finds
# in each row the brightest column near the column found above, and adds up seven columns around it.

# %%
along_nucleus = raw_files.along_trace(long_difference, long_nucleus)  # DN, one value per row
detector.profile(along_nucleus, "Row", "Signal (DN)", "Along the nucleus, channel 3", "02-along-nucleus", long_made)

# %% [markdown]
# The faint regular ripple is made of **fringes**, interference of light inside the detector (lesson 04 removes them).
# An emission line stands out above the ripple and is about ten rows wide. (A narrower peak is a hot pixel or a cosmic
# ray.)
#
# > **Exercise `02-line-row`.**

# %% tags=["answer"] exercise="02-line-row"
line_row = ...  # row number, counted from 0
# solution begin
from scipy.ndimage import median_filter

above_continuum = along_nucleus - median_filter(along_nucleus, size=61)
line_row = 100 + np.argmax(above_continuum[100:600])
# solution end
answers.give("02-line-row", line_row)

# %% [markdown]
# ### Which line?
#
# In band 3A the wavelength falls nearly linearly along the column, from 13.54 µm in row 0 to 11.49 µm in row 1023. This
# rule is accurate to ±0.04 µm, or 900 km/s. That is enough to identify a line, but not to measure a velocity. The
# redshift of NGC 7319 is z = 0.0225 (on real data, `z` is that of your target), so a line with rest wavelength λ₀ is
# observed at λ₀ (1 + z). The candidates are:
#
# | line | rest wavelength (µm) |
# |---|---|
# | H2 S(2) | 12.279 |
# | H I 7-6 | 12.372 |
# | [Ne II] | 12.814 |
# | [Ar V] | 13.102 |
#
# (If you have not found the row, read it off the figure.)
#
# > **Exercise `02-line-name`.**

# %% tags=["answer"] exercise="02-line-name"
line_name = ...  # text
# solution begin
observed = 13.54 + (11.49 - 13.54) * line_row / 1023  # um
rest = {"H2 S(2)": 12.279, "H I 7-6": 12.372, "[Ne II]": 12.814, "[Ar V]": 13.102}
line_name = min(rest, key=lambda name: abs(rest[name] * (1 + z) - observed))
# solution end
answers.give("02-line-name", line_name)

# %% [markdown]
# ### Is it extended?
#
# The figure shows rows 140 to 299 over the whole of channel 3, for science and background. Each row of the figure is
# the median of four rows of the detector. The line appears as bright spots that are about 15 rows tall and slightly
# tilted.

# %%
detector.zooms({"Science": long_difference, "Background": long_background}, (140, 300, 512, 1024), label, "02-line",
               "The same window of channel 3 in both exposures.", long_made, rows=4)  # fmt: skip

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
# Many astronomers use SAOImage DS9 for a first look. `mrskit view` starts DS9 with the right extension, scale and cube
# axis. Type these commands in a terminal (with the file names of your workspace):
#
# ```text
# mrskit view --ds9 work/demo/Source/uncal/jw02732004001_02101_00001_mirifulong_uncal.fits
# mrskit view --ds9 --blink work/demo/*/uncal/*_00001_mirifulong_uncal.fits
# ```
#
# The first command opens the science exposure of the long detector. The window *Cube* has one slider for the groups and
# one for the integrations. The second command opens science and background in two linked frames that blink. Look for
# the slices, the nucleus, the spots of the line, and specks that are in only one frame. `mrskit view` also opens rate
# images and cubes. Without `--ds9` it opens files in a matplotlib window. The next figure is the same view of the long
# detector:

# %%
viewers.slices(long_files[0], "02-ramp-long")

# %% [markdown]
# ## 7 · Everything else: features of the detector
#
# Now return to the short detector and blink the two exposures. Here they are side by side; in a live notebook the
# *play* button alternates them. The tall bright blobs of the science exposure are an emission line in several slices.

# %%
images, window = {"Science": difference, "Background": background_difference}, (600, 720, 20, 200)
viewers.blink(images, window, label, "02-blink", "The same small window in both exposures, with specks.", simulated)

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
# Bad pixels come in several kinds: **dead** pixels do not react to light, **hot** pixels fill up without light, and
# **noisy** pixels jump. The mask among the reference files lists most bad pixels. But you can find many of them
# yourself: in a frame without a source, their values are far from those of all other pixels. You need a measure of
# "far" that does not depend on the outliers themselves.
#
# > **Exercise `02-robust-z`.**


# %% tags=["answer"] exercise="02-robust-z"
def robust_z(frame):
    z = ...  # array of the shape of the frame
    # solution begin
    distance = frame - np.nanmedian(frame)
    scatter = 1.4826 * np.nanmedian(np.abs(distance))
    z = distance / scatter if scatter > 0 else np.full(frame.shape, np.nan)
    # solution end
    return z


answers.give("02-robust-z", robust_z)

# %% [markdown]
# (If you have not written this function, divide by `astropy.stats.mad_std`.)
#
# > **Exercise `02-limit`.**

# %% tags=["answer"] exercise="02-limit"
limit = ...  # robust standard deviations
# solution begin
from scipy.stats import norm

z = robust_z(background_difference)
limit = next(value for value in np.arange(3, 10, 0.5) if norm.sf(value) * z.size < 0.001 * (z > value).sum())
# solution end
answers.give("02-limit", limit)

# %% [markdown]
# The pixels above your limit are a mixture of hot pixels, warm pixels, and pixels that a cosmic ray hit. The second
# exposure helps you to separate them.
#
# > **Exercise `02-hot-pixels`.**

# %% tags=["answer"] exercise="02-hot-pixels"
seconds = (exposure.groups - 1) * fits.getval(science_file, "TGROUP")  # s
hot = ...  # boolean array of shape (1024, 1032)
# solution begin
hot = np.minimum(difference, background_difference) / seconds > 3
# solution end
answers.give("02-hot-pixels", hot)

# %% [markdown]
# ### Cosmic rays
#
# A charged particle frees electrons along its track in an instant. So a hit makes a *step* in the ramp: one group gains
# much more than the others. In the difference of last and first group, a hit looks like a bright pixel. The groups in
# between show the step.
#
# First find cosmic rays by eye in the window shown above, as you would in DS9. The figure has a tick every ten pixels,
# and rows are on the vertical axis. Your boxes may be a few pixels too large.
#
# > **Exercise `02-tracks`.**

# %% tags=["answer"] exercise="02-tracks"
boxes = ...  # e.g. [(612, 614, 50, 55), (700, 700, 31, 32)]
# solution begin
from scipy.ndimage import find_objects, label as labelled

alone = (background_difference > 100) & (difference < 60)
alone[:600], alone[720:], alone[:, :20], alone[:, 200:] = False, False, False, False
found = find_objects(labelled(alone, np.ones((3, 3)))[0])
boxes = [(rows.start, rows.stop - 1, columns.start, columns.stop - 1) for rows, columns in found]
# solution end
answers.give("02-tracks", boxes)

# %% [markdown]
# Then find all cosmic rays with code that uses the groups in between.
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
# Once you have answered both exercises, compare your masks with the true masks of the simulator. (For real data nobody
# knows the true masks, and this cell shows nothing.)

# %%
for name, mine in {"02-cosmic-rays": hit, "02-hot-pixels": hot}.items():
    detector.compared(difference, mine, answers.reveal(name), window, label, name, simulated)

# %% [markdown]
# ## What is too good here
#
# - The galaxy's lines are brighter than in reality, so that you can see them in 28 s. In a real exposure of 28 s you
#   would not find the line by eye.
# - Real interference has several frequencies, and its amplitude changes. Our interference is a single sine wave, and we
#   chose its amplitude.
# - Real bad pixels also come in clusters, jump between two levels, and change from month to month.
# - Real exposures have *showers*: large faint patches after a strong hit (lesson 03).
# - Persistence, the afterglow of an earlier source, is switched off in these data.

# %% [markdown]
# ## What you can do now
#
# - Say what each extension of an uncal file contains, and name the axes of the ramps in order.
# - Make a quick-look image from a ramp and avoid the trap of unsigned integers.
# - Explain the purpose of reference pixels, recognise interference, and say whether `refpix` or `emicorr` runs in
#   flight.
# - Distinguish slices, nucleus, emission line, fringes, hot pixels and cosmic rays, and explain how you do so.
# - View any product with sliders in a notebook, in a window or in DS9, and blink two exposures.
# - Convert a detector row to a wavelength, and identify the line with the redshift.
#
# **Next:** in lesson 03 you turn ramps into count rates, and the pipeline finds the cosmic rays. To open the lesson,
# type `mrskit start 03` in a terminal.

# %%
answers.summary()
