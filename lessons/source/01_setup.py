# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · Set-up: what was observed, and where everything is
#
# **Aims.** After this lesson you can tell frame, group, integration and exposure apart. You can read the configuration
# of an MRS observation from its proposal, and compute its exposure time and the number of its raw files. You can choose
# a dither pattern. You can check your computer and find your way in the workspace. You can say which reference files
# and which parameters the pipeline will use.
#
# **Prerequisites.** Python and numpy at the level of arrays and functions. No JWST experience is needed. **Time.** 45
# minutes.
#
# Program 2732 observed the active galaxy **NGC 7319** in Stephan's Quintet with the Medium Resolution Spectrometer
# (MRS) of MIRI. In this course you take such observations from raw data to maps of emission lines. The *plan* in this
# lesson is real. The *data* of the course are **simulated** raw exposures of an imaginary NGC 7319. The unmodified
# `jwst` pipeline accepts them as real data, and we know the true answer. The lesson also runs on exposures that `mrskit
# fetch` downloads from the archive. The headers and all figures state whether your exposures are simulated.

# %% [markdown]
# ## Parameters
#
# This cell contains all settings that you may want to change. All six lessons have the same cell.

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
# `answers.begin` opens the workspace. `answers.give("01-...", value)` hands in an answer and shows the result at once.
# `answers.hint("01-...")` gives a hint, and a stronger hint when you call it again. Hints do not cost points. Once your
# answer is right, `answers.solution("01-...")` shows our solution for comparison. An exercise that you leave at `...`
# counts as not answered, and the lesson goes on. In a terminal, `mrskit check` shows your progress, and `mrskit watch`
# shows it after every save.
#
# Before some figures we ask you what you *expect*. Put your letter in place of the three dots. Your choice is recorded
# but never graded, so choose first and then look.

# %%
import numpy as np

from mrskit import answers, observed, products
from mrskit.checkup import checks
from mrskit.course.shown import dither_patterns, lesson01_figures as figures, proposal, tables, unknown_exposure
from mrskit.plotting import diagrams

space = answers.begin("01_setup")
program = observed.of(space)  # of your workspace
print(f"program {program.id}; {products.origin(space.root)}")

# %% [markdown]
# ### Is everything ready?
#
# A pre-flight check takes a second and may save an hour. It checks Python and package versions, memory and disk, the
# raw files and the reference files. If a line says **no**, the last column tells you what to do. In a terminal, `mrskit
# doctor` runs the same checks and more.

# %%
tables.preflight(checks.of_lesson(space))

# %% [markdown]
# ## 2 · The target and its field
#
# **Stephan's Quintet** is a group of five galaxies in Pegasus. Four of them interact with each other; they recede at
# 5800-6700 km/s. The fifth, NGC 7320, recedes at only 786 km/s: it is a foreground galaxy. **NGC 7319** has an *active
# nucleus*: gas falls onto a black hole, and a radio jet pushes into the galaxy's gas. The mid-infrared spectrum is full
# of lines from ions and from molecular hydrogen.
#
# Webb took [pictures of the group with NIRCam and
# MIRI](https://webbtelescope.org/contents/media/images/2022/034/01G7DA5ADA2WDSK1JJPQ0PTG4A) (also on [ESA's
# page](https://esawebb.org/images/weic2208a/)), and [with MIRI
# alone](https://webbtelescope.org/contents/media/images/2022/034/01G7DBCJA1M1SSGKDMH7F5XMBE). In MIRI's picture the
# nucleus of NGC 7319 outshines everything else. The finder chart below uses catalogue positions (NED); the shapes are
# only sketched. Compare the chart with the pictures: which galaxy is which? (If you observed a different target, the
# chart still shows the course's group, and only the right half of the figure belongs to your data.)

# %%
science_files = products.find(space.stage("source", "uncal"), "uncal", answers.setting())
simulated = products.read_exposure(science_files[0]).simulated
east, north, roll = figures.pointings(science_files)  # arcsec from the target, and degrees
figures.field(roll, simulated, program)

# %% [markdown]
# Keep two things in mind. The MRS sees only a small part of the group: its largest field is 8 arcsec wide. And the
# galaxy fills this field, so it does not contain empty sky. That is why the program also observed empty sky nearby
# (observation 5).
#
# > **Exercise `01-nearest-galaxy`.**

# %% tags=["answer"] exercise="01-nearest-galaxy"
catalogue = {name: figures.GALAXIES[name][:2] for name in figures.GALAXIES}  # right ascension and declination, deg
distance = ...  # arcsec
# solution begin
ra0, dec0 = catalogue.pop("NGC 7319")
distance = min(3600 * np.hypot((ra - ra0) * np.cos(np.deg2rad(dec0)), dec - dec0) for ra, dec in catalogue.values())
# solution end
answers.give("01-nearest-galaxy", distance, unit="arcsec")

# %% [markdown]
# ## 3 · Frame, group, integration, exposure
#
# MIRI's detectors are read *without* being emptied. Charge accumulates in each pixel, and the electronics read it again
# and again. These are the terms, from small to large:
#
# | word | meaning |
# |---|---|
# | **frame** | one reading of all 1024 x 1032 pixels; 2.775 s in fast mode |
# | **group** | one frame, or the average of several samples, that is sent to the ground |
# | **integration** | all groups between two resets: a *ramp* that rises from the first group to the last |
# | **exposure** | one or more integrations in a row: one file for each detector |
#
# The slope of the ramp is the count rate. Frequent readouts produce more data, but they show *when* something happened.
# A cosmic ray makes a step in the ramp, and saturation makes the ramp flat. Lesson 03 uses both effects.
#
# The figure shows the signal of one pixel during an exposure of program 2732.

# %%
figures.exposure(groups=40, integrations=2)

# %% [markdown]
# Between two integrations the detector is reset, which takes one frame time. No reset is counted after the last
# integration of an exposure. Now read a different exposure of one pixel yourself. It was taken in FASTR1.

# %%
time, signal = unknown_exposure.one_pixel()  # s and DN, one entry for each group
figures.samples(time, signal)

# %% [markdown]
# > **Exercise `01-read-a-ramp`.**

# %% tags=["answer"] exercise="01-read-a-ramp"
reading = ...  # [groups, integrations, frames]
# solution begin
resets = np.count_nonzero(np.diff(signal) < 0)
reading = [signal.size // (resets + 1), resets + 1, signal.size + resets]
# solution end
answers.give("01-read-a-ramp", reading)

# %% [markdown]
# ### Two readout patterns
#
# - **FASTR1**: a group is one frame, and a new group comes every 2.77504 s. This is the standard pattern of the MRS.
# - **SLOWR1**: each pixel is sampled nine times in a row before the readout moves on, and the average of the last eight
#   samples is kept. A new group comes every 23.88992 s. Each group has less noise, and fewer data have to be sent to
#   the ground.
#
# A cosmic ray hits the same pixel at the same moment in both patterns. What do you expect?
#
# - `"a"`: both patterns give the time of the hit with the same precision
# - `"b"`: FASTR1 gives the time more precisely
# - `"c"`: SLOWR1 gives the time more precisely, because its groups have less noise

# %%
answers.expect("01-patterns", ...)  # "a", "b" or "c", in the place of the dots

# %%
figures.patterns()

# %% [markdown]
# The answer is `"b"`: the data only show between which two groups the hit fell. The fit of the slope loses this
# interval, which is shaded.
#
# > **Exercise `01-slow-group`.**

# %% tags=["answer"] exercise="01-slow-group"
slow_over_fast = ...  # a number
# solution begin
slow_over_fast = 23.88992 / 2.77504
# solution end
answers.give("01-slow-group", slow_over_fast)

# %% [markdown]
# ## 4 · The observation in the proposal
#
# The configuration of every JWST observation is public. Read it in the Astronomer's Proposal Tool (APT):
#
# 1. Open APT.
# 2. Choose *File → Retrieve from STScI → Retrieve using program ID*, and type 2732.
# 3. Open *Observations → Spectroscopy → NGC 7319 AGN MRS spectroscopy (Obs 4)*; later open Obs 5 in the same way.
# 4. Read the fields *Primary Channel*, *Dithers* and *Simultaneous Imaging*, and the table *Exposure Parameters*.
#
# If you do not have APT, use the PDF file on [the STScI page of program
# 2732](https://www.stsci.edu/jwst/science-execution/program-information?id=2732), which has the same content. For any
# other program, the next cells show the values from the headers of its exposures.

# %%
tables.Markdown(proposal.description(program))

# %%
apt = proposal.table(program)
tables.proposal(apt, observed.differences(space))

# %% [markdown]
# (For program 2732, the slides leave out the imager's rows in observation 5 and the imager's second filter in
# observation 4.) Here is the same table as data, with one dict per row, so that you can sort, count and multiply:

# %%
mrs = [row for row in apt if row["detector"].startswith("MRS")]
first = proposal.first(program, mrs)  # one row for the science observation, and one for the background

# %% [markdown]
# Now fill in the table of the workshop. It is a text of six lines. Copy the text and replace each question mark. In
# each row, the first cell is for the science observation and the second cell is for the background. If your program has
# only one observation, leave out the second cell.
#
# ```python
# table = """
# channels     | ? | ?
# sub-bands    | ? | ?
# readout      | ? | ?
# groups       | ? | ?
# integrations | ? | ?
# dithers      | ? | ?
# """
# ```
#
# > **Exercise `01-configuration`.**

# %% tags=["answer"] exercise="01-configuration"
table = ...  # the six lines, as above
# solution begin
sees = {"MRSSHORT": "1, 2", "MRSLONG": "3, 4"}
rows = [[item for item in mrs if item["observation"] == row["observation"]] for row in first]
seen = [{item["detector"] for item in items} for items in rows]
columns = {"channels": [", ".join(sees[name] for name in sees if name in names) for names in seen]}
columns["sub-bands"] = [", ".join(dict.fromkeys(item["wavelength"][:-3] for item in items)) for items in rows]
columns |= {name: [row[name] for row in first] for name in ("readout", "groups", "integrations", "dithers")}
table = "\n".join(" | ".join([name, *columns[name]]) for name in columns)
# solution end
answers.give("01-configuration", table)

# %% [markdown]
# ### Exposure time
#
# Two definitions are in use, and each is right for its purpose:
#
# - The **exposure time** in APT counts the frames of an exposure *with* the resets between the integrations: (groups ×
#   integrations + integrations − 1) × 2.77504 s, times the number of dithers. This is how long the detector was busy.
# - The **photon time** (the keyword `EFFEXPTM` in the files) leaves the resets out. This is how long charge was
#   collected. The photon time does *not* determine the noise: stage 1 leaves some groups out, and a slope uses the
#   differences between the others. Section 5 returns to this.
#
# The slides use the first definition. The headers use the second definition, which gives about 1 % less. Neither
# definition is a mistake. Test your formula on the imager's rows (10 groups and 5 integrations), for which APT gives
# 599.409 s.
#
# > **Exercise `01-exposure-time`.**

# %% tags=["answer"] exercise="01-exposure-time"
times = ...  # [science, background], s
# solution begin
frame = np.array([2.77504 if row["readout"] == "FASTR1" else 23.88992 for row in first])  # s
frames = np.array([int(row["groups"]) * int(row["integrations"]) + int(row["integrations"]) - 1 for row in first])
times = frames * frame * np.array([int(row["dithers"]) for row in first])
# solution end
answers.give("01-exposure-time", times, unit="s")

# %% [markdown]
# ### Raw files
#
# The MRS has four channels and three sub-bands, so it has twelve *bands*, from `1A` (channel 1, SHORT) to `4C` (channel
# 4, LONG). Channels 1 and 2 fall on the short-wavelength detector, channels 3 and 4 on the long-wavelength detector.
# Both detectors are read at the same time. The imager's files have `mirimage` in their names and do not count here.
#
# One slide of the workshop uses the formula for the science observation for the background too. Do not copy that
# formula; count the files.
#
# > **Exercise `01-uncal-files`.**

# %% tags=["answer"] exercise="01-uncal-files"
files = ...  # [science, background]
# solution begin
settings = [sum(item["observation"] == row["observation"] for item in mrs) for row in first]  # 12 bands / 2 = 6
files = [count * int(row["dithers"]) for count, row in zip(settings, first, strict=True)]
# solution end
answers.give("01-uncal-files", files)

# %% [markdown]
# ### The other way round
#
# When you write a proposal, you start from the available time and work out the number of groups. Write a function that
# does this. The kit tests your function on several cases.
#
# > **Exercise `01-groups-that-fit`.**


# %% tags=["answer"] exercise="01-groups-that-fit"
def groups_that_fit(seconds, integrations, dithers):
    groups = ...  # a whole number
    # solution begin
    frames = seconds / dithers / 2.77504
    groups = max(int((frames - (integrations - 1)) // integrations), 0)
    # solution end
    return groups


answers.give("01-groups-that-fit", groups_that_fit)

# %% [markdown]
# ## 5 · The workspace
#
# The workspace uses the workshop's folder layout, so STScI's notebook runs on it too:
#
# - `Source` and `Background`: the galaxy and the empty field, each with four folders:
#   - `uncal`: raw ramps
#   - `stage1`: rate images
#   - `stage2`: calibrated detector images
#   - `stage3`: cubes and extracted spectra
# - `Notebook`: your copies of the lessons
# - `Plots`: every figure of the lessons, as a file
# - `Ramp/uncal`: one long exposure for an experiment in lesson 03; it is not in any association
#
# Never trust the name of a file; **read the header**. `CHANNEL` is `12` or `34`, and `BAND` is the *sub-band* SHORT,
# MEDIUM or LONG. `products.read_exposure` reads these and other keywords. Its result has the attributes `setting`,
# `dither`, `groups`, `integrations`, `readout`, `photon_time` (s, from `EFFEXPTM`) and `simulated`.

# %%
tables.raw_files(space)

# %% [markdown]
# In the *quick* profile of the course, the exposures are shorter than in the plan, so that the pipeline runs in
# minutes. The headers give their true length. The next cell reads the science exposures of your setting:

# %%
exposures = [products.read_exposure(path) for path in science_files]

# %% [markdown]
# > **Exercise `01-photon-time-here`.**

# %% tags=["answer"] exercise="01-photon-time-here"
photon_time = ...  # s
# solution begin
photon_time = sum(exposure.photon_time for exposure in exposures)
# solution end
answers.give("01-photon-time-here", photon_time, unit="s")

# %% [markdown]
# How much of this time is used for the slope? After a reset MIRI's signal needs some time to settle, so the step `rscd`
# flags the first group or groups of each integration. The last group is disturbed as well, so the step `lastframe`
# flags it.
#
# > **Exercise `01-useful-time`.**

# %% tags=["answer"] exercise="01-useful-time"
share = ...  # [of 10 groups, of 40 groups]
# solution begin
total = np.array([10, 40])
share = (total - 2 - 1) / total
# solution end
answers.give("01-useful-time", share)

# %% [markdown]
# Short ramps lose the largest share. But long ramps saturate (lesson 03), so every plan is a compromise. The next
# question has more than one right answer.
#
# > **Exercise `01-own-plan`.**

# %% tags=["answer"] exercise="01-own-plan"
plan = ...  # [groups, integrations]
# solution begin
plan = [30, 2]
# solution end
answers.give("01-own-plan", plan)

# %% [markdown]
# ## 6 · Dithers
#
# Between the exposures the telescope moves by a fraction of an arcsecond. Dithers are mandatory for the MRS, for two
# reasons:
#
# - **Sampling.** At 5 µm the image of a star is 0.28 arcsec wide (FWHM), and a slice is 0.177 arcsec wide. That is 1.6
#   slices per FWHM; good sampling needs at least two slices. The MRS is undersampled at *all* wavelengths, most of all
#   at the short end of each channel (JDox, "MIRI MRS Dithering"). The dither offsets are odd multiples of *half* a
#   slice (and of half a pixel), so together the exposures sample the sky twice as finely. They also sample the spectrum
#   more finely, because the position of the source in the field determines which wavelengths fall on pixel centres.
# - **Bad pixels and cosmic rays.** Each point on the sky falls on different pixels in each exposure.
#
# The pointing is in the header of the `SCI` extension: `RA_REF`, `DEC_REF` and `ROLL_REF`. The figure shows the field
# of view of all four channels at each dither of your exposures, relative to the target. North is up and east is to the
# left. The thin lines are the slices at the first dither.

# %%
figures.dithers(east, north, roll, [1, 2, 3, 4], simulated)

# %% [markdown]
# The step from dither 1 to dither 2 is almost entirely *across* the slices: 0.975 arcsec. The slices are 0.177, 0.280,
# 0.390 and 0.656 arcsec wide in channels 1 to 4.
#
# > **Exercise `01-dither-slices`.**

# %% tags=["answer"] exercise="01-dither-slices"
in_slices = ...  # four numbers, channels 1 to 4
# solution begin
in_slices = 0.975 / np.array([0.177, 0.280, 0.390, 0.656])
# solution end
answers.give("01-dither-slices", in_slices)

# %%
figures.half_slices(0.975)

# %% [markdown]
# Where one dither has the border between two slices, the other dither has the middle of a slice. This is true in every
# channel.
#
# ### Patterns for point sources
#
# APT offers two kinds of patterns. Program 2732 used the pattern for *extended* sources, in which the fields overlap as
# much as possible. The next figure shows where a *star* falls in the field at each dither. Each circle is as wide as
# the image of the star. By how much does the star move in the pattern for point sources?
#
# - `"a"`: by less than its own width, for the best sampling
# - `"b"`: by about its own width
# - `"c"`: by several times its own width

# %%
answers.expect("01-point-source", ...)  # "a", "b" or "c", in the place of the dots

# %%
dither_patterns.draw()

# %% [markdown]
# The answer is `"c"`. Between dithers 1 and 2 the star moves by several times its own width. It moves by more in the
# larger fields of channels 3 and 4. (The offsets come from the flight dither table, STScI-MIRI/miricoord.)
#
# > **Exercise `01-dither-pattern`.**

# %% tags=["answer"] exercise="01-dither-pattern"
pattern = ...  # "a", "b", "c" or "d"
# solution begin
pattern = "b"
# solution end
answers.give("01-dither-pattern", pattern)

# %% [markdown]
# ## 7 · The pipeline and its stages
#
# The pipeline works in three stages. Stage 1 (`Detector1Pipeline`) removes detector effects, stage 2 (`Spec2Pipeline`)
# calibrates each exposure, and stage 3 (`Spec3Pipeline`) combines the exposures. Lessons 03, 04 and 05 each cover one
# stage.

# %%
diagrams.stages()

# %% [markdown]
# ### Reference files: CRDS
#
# Each stage is a sequence of **steps**. Nearly every step needs a **reference file**, such as the dark, the flat, the
# bad-pixel mask or the map of wavelengths. CRDS, the Calibration Reference Data System, provides these files:
#
# - The pipeline reads the header of your exposure (detector, band, date, readout ...) and asks CRDS for the matching
#   file of each type.
# - A **context** is a fixed set of rules for this choice, in a file with a name like `jwst_1234.pmap`. New reference
#   files come with new contexts. Every product records the version of the code and the context (`CAL_VER`, `CRDS_CTX`).
# - `CRDS_PATH` is the folder on your disk where rules and files are stored. `CRDS_SERVER_URL` is the server that
#   provides missing files.
#
# The course has its own small set of reference files for its simulated instrument. They do not need a network. The
# server's name below contains *serverless*, so the pipeline does not contact a server.

# %%
tables.references(science_files[0], ("dark", "flat", "mask", "distortion", "photom"))

# %% [markdown]
# The lower lines show which files CRDS chose for your first exposure. For real data, `mrskit references --real
# work/real` finds the references that your exposures need and downloads missing files from the server. It also records
# the cache and the context in the workspace. To do this by hand, set two variables *before* you import the pipeline. If
# you do not set `CRDS_CONTEXT`, the server chooses the context:
#
# ```python
# os.environ["CRDS_PATH"] = os.path.expanduser("~/crds")
# os.environ["CRDS_SERVER_URL"] = "https://jwst-crds.stsci.edu"
# ```
#
# > **Exercise `01-context`.**

# %% tags=["answer"] exercise="01-context"
context = ...  # "a", "b", "c" or "d"
# solution begin
context = "b"
# solution end
answers.give("01-context", context)

# %% [markdown]
# So in a paper, state the version of `jwst` *and* the context.

# %% [markdown]
# ## 8 · Parameters: whose value counts?
#
# A parameter can get its value from three sources: the default in the **code**, a **parameter file** in CRDS, and
# **your** call of the pipeline. Each source overrides the sources before it. Below, "in flight" means the first two
# sources together, as the observatory reduces its data. In how many steps of stage 1 does flight practice differ from
# the default in the code?
#
# - `"a"`: none, because the code is written for flight
# - `"b"`: two or three
# - `"c"`: most of them

# %%
answers.expect("01-steps", ...)  # "a", "b" or "c", in the place of the dots

# %% [markdown]
# Here are *all* steps that the pipeline can apply to an MRS exposure, in order. Where this course differs from flight
# practice, its column is bold.

# %%
tables.steps()

# %% [markdown]
# Look at `emicorr` and `refpix`. Both steps correct noise from the electronics. The code alone skips `emicorr` and runs
# `refpix`. For MIRI in flight it is the other way round (pipeline documentation, `calwebb_detector1` and
# `refpix`). The step `ipc` is also off in flight, so the answer is `"b"`. The next table lists the other parameters
# whose value in flight or in this course differs from the default in the code.

# %%
tables.settings()

# %% [markdown]
# > **Exercise `01-silent-default`.**

# %% tags=["answer"] exercise="01-silent-default"
silent_default = ...  # "a", "b", "c" or "d"
# solution begin
silent_default = "c"
# solution end
answers.give("01-silent-default", silent_default)

# %% [markdown]
# This course passes every parameter that matters for the MRS explicitly, so that an incomplete cache changes nothing.
#
# ### A trap in the workshop's notebook
#
# The notebook of the workshop selects the data with two parameters. The essential lines are:
#
# ```python
# use_ch, use_band = '12', 'SHORT'
#
# if use_ch != '' and use_band != '':
#     files = [file for file in files if channel(file) == use_ch and band(file) == use_band]
# ```
#
# Our lessons have the same two parameters, and do not start if one of them is missing.
#
# > **Exercise `01-both-selectors`.**

# %% tags=["answer"] exercise="01-both-selectors"
selection = ...  # "a", "b", "c" or "d"
# solution begin
selection = "d"
# solution end
answers.give("01-both-selectors", selection)

# %% [markdown]
# ## What is too good here
#
# - The workspace has one or two settings. A real MRS program has six settings, and often simultaneous images.
# - Our target is within 0.2 arcsec of the middle of the field. Without target acquisition, a real pointing is off by
#   about 0.3 arcsec. It is off by more if the coordinates of the target or the guide star are wrong (JDox, "JWST
#   Pointing Performance").
# - A real visit can lose an exposure, or be repeated months later at a different roll angle.
# - Our context has a few dozen reference files that match the data perfectly. The observatory's context changes every
#   few weeks.
# - We know the true answer. With real data you only know which errors your checks have excluded.

# %% [markdown]
# ## What you can do now
#
# - Say what a frame, a group, an integration and an exposure are, and why detectors are read many times.
# - Read the configuration of an MRS observation from its proposal, and compute its exposure time in both definitions.
# - Predict the number of raw files, for the target and for the background, and plan an exposure of a given length.
# - Say what share of an exposure is used for the slope.
# - Choose between the dither patterns for point sources and for extended sources.
# - Check a computer and a workspace before the pipeline starts, and identify an exposure by its header.
# - Say what a CRDS context is, and which steps flight practice switches on and off.
#
# **Next:** in lesson 02 you open the raw files and look at them. To open the lesson, type `mrskit start 02` in a
# terminal.

# %%
answers.summary()
