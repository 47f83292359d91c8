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
# **Aims.** After this lesson you can tell frame, group, integration and exposure apart, read an MRS observation out
# of a proposal (channels, bands, readout, groups, integrations, dithers), compute its exposure time and its number of
# raw files, check that your computer is ready, find your way in the workspace, and say which reference files and which
# parameters the pipeline will use.
#
# **Prerequisites.** Python and numpy at the level of arrays and functions; no JWST experience. **Time.** 30 minutes.
#
# The story of the course: the active galaxy **NGC 7319** in Stephan's Quintet was observed with the Medium Resolution
# Spectrometer (MRS) of MIRI, program 2732. You will take such observations from raw data to maps of emission lines.
# The *plan* in this lesson is the real one. The *data* of the course are **simulated**: raw exposures of an imaginary
# NGC 7319, made so that the unmodified `jwst` pipeline takes them for real ones, and so that the truth is known. The
# lesson also runs on exposures that `mrskit fetch` brought from the archive, of this or of another program; the headers
# say what yours are, and so do all figures.

# %% [markdown]
# ## Parameters
#
# Everything that you may want to choose stands in this one cell; all six lessons have the same.

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
# `answers.begin` opens the workspace. `answers.give("01-...", value)` hands in an answer and tells you at once how
# you did. `answers.hint("01-...")` gives a hint; call it again for a stronger one. Once you are right,
# `answers.solution("01-...")` shows ours for comparison. An exercise that you leave at `...` counts as not answered,
# and the lesson goes on. In a terminal, `mrskit check` shows how far you are, `mrskit watch` does so on every save.

# %%
import numpy as np
from astropy.io import fits

from mrskit import answers, observed, products
from mrskit.bands import Setting
from mrskit.checkup import checks
from mrskit.course.shown import lesson01_figures as figures
from mrskit.course.shown import proposal
from mrskit.plotting import diagrams, style

space = answers.begin(
    "01_setup", workspace, use_ch=use_ch, use_band=use_band, stages=stages,
    stages_bg=stages_bg, pixel_bg=pixel_bg, master_bg=master_bg, start_from=start_from,
    data_source=data_source, scheduler=scheduler,
)  # fmt: skip
style.use(space)
setting = Setting(use_ch, use_band)
print(f"{setting.name}: bands {' and '.join(band.name for band in setting.bands)}")
program = observed.of(space)  # of your workspace
print(f"program {program.id}; {products.origin(space.root)}")

# %% [markdown]
# ### Is everything ready?
#
# A pre-flight check takes a second and may save an hour: Python and package versions, memory and disk, the raw files
# against the plan, the reference files. Where a line says **no**, the last column says what to do. In a terminal,
# `mrskit doctor` looks at the same and more.

# %%
from IPython.display import Markdown

lines = ["| looked at | found | expected | ready | otherwise |", "|---|---|---|---|---|"]
for item in checks.of_lesson(space):
    ready = "yes" if item.ok else "**no**"
    remedy = "" if item.ok else item.remedy
    lines.append(f"| {item.name} | {item.found} | {item.expected} | {ready} | {remedy} |")
Markdown("\n".join(lines))

# %% [markdown]
# ## 2 · The target and its field
#
# **Stephan's Quintet** is a group of galaxies in Pegasus that pull at each other. Four of them recede with 5800 to
# 6700 km/s; the fifth, NGC 7320, with only 786 km/s: it stands far in front. **NGC 7319**, the north-eastern one, has
# an *active nucleus*: gas falls onto a black hole, a radio jet pushes into the galaxy's gas, and the mid-infrared
# spectrum is full of lines of ions and of molecular hydrogen.
#
# Webb took [pictures of the group with NIRCam and MIRI](https://webbtelescope.org/contents/media/images/2022/034/01G7DA5ADA2WDSK1JJPQ0PTG4A)
# (also on [ESA's page of the picture](https://esawebb.org/images/weic2208a/)), and [with MIRI
# alone](https://webbtelescope.org/contents/media/images/2022/034/01G7DBCJA1M1SSGKDMH7F5XMBE): there the nucleus of
# NGC 7319 outshines everything. The MRS looked at a few arcseconds about this nucleus (observation 4) and at an empty
# place nearby (observation 5). Here is our own sketch of the field.

# %%
science_files = products.find(space.stage("source", "uncal"), "uncal", setting)
background_files = products.find(space.stage("background", "uncal"), "uncal", setting)
target = fits.getheader(science_files[0])
background = fits.getheader(background_files[0]) if background_files else None
simulated = products.read_exposure(science_files[0]).simulated
roll = fits.getheader(science_files[0], "SCI")["ROLL_REF"]  # deg
if background is not None and program.id == 2732:
    places = [(header["TARG_RA"], header["TARG_DEC"]) for header in (target, background)]  # deg
    figures.field(*places, roll, simulated)
else:
    print("The sketch is of program 2732 with its background field, and not drawn for your exposures.")

# %% [markdown]
# The galaxies are where catalogues have them; their outlines are a sketch. The fields are drawn from the headers of
# *your* files: in simulated data the telescope's roll and the place of the background field are the simulation's own
# choice. Two things to keep in mind: the MRS sees a spot, not the group; and the galaxy fills all of that spot, so
# there is no empty sky in it. That is why the program has a background observation.
#
# > **Exercise `01-field-distance`.**

# %% tags=["answer"] exercise="01-field-distance"
distance = ...  # arcsec
# solution begin
if background is not None:
    east = (background["TARG_RA"] - target["TARG_RA"]) * np.cos(np.deg2rad(target["TARG_DEC"]))
    distance = 3600 * np.hypot(east, background["TARG_DEC"] - target["TARG_DEC"])
# solution end
answers.give("01-field-distance", distance, unit="arcsec")

# %% [markdown]
# ## 3 · Frame, group, integration, exposure
#
# MIRI's detectors are read *without* being emptied: charge piles up in each pixel, and the electronics look at it
# again and again. The words for this, from small to large:
#
# | word | meaning |
# |---|---|
# | **frame** | one look at all 1024 x 1032 pixels; 2.775 s in fast mode |
# | **group** | one frame, or the average of several samples, that is sent to the ground |
# | **integration** | all groups between two resets: a *ramp* that rises from the first group to the last |
# | **exposure** | one or more integrations in a row: one file for each detector |
#
# The slope of the ramp is the count rate. Reading many times costs data volume, but shows *when* something happened:
# a cosmic ray makes a step in the ramp, saturation makes it flat. Lesson 03 lives on that.
#
# Here is one exposure of program 2732, as one pixel sees it.

# %%
figures.exposure(groups=40, integrations=2)

# %% [markdown]
# Between two integrations the detector is reset, which takes one frame time. After the last integration of an
# exposure no such frame is counted. Now read another exposure yourself, of one pixel, in FASTR1.

# %%
from mrskit.course.shown.unknown_exposure import unknown_exposure

time, signal = unknown_exposure()  # s and DN, one entry for each group
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
# - **FASTR1**: a group is one frame; a new one every 2.77504 s. The MRS standard.
# - **SLOWR1**: each pixel is sampled nine times in a row before the readout moves on, and the average of the last
#   eight is kept; a new group every 23.88992 s. Less noise for one group and fewer data, but a cosmic ray is located in
#   time only to 24 s.

# %%
figures.patterns()

# %% [markdown]
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
# The configuration of every JWST observation is public. In the Astronomer's Proposal Tool (APT):
#
# 1. Open APT.
# 2. Choose *File → Retrieve from STScI → Retrieve using program ID*, and type 2732.
# 3. Open *Observations → Spectroscopy → NGC 7319 AGN MRS spectroscopy (Obs 4)*; later the same for Obs 5.
# 4. Read the fields *Primary Channel*, *Dithers* and *Simultaneous Imaging*, and the table *Exposure Parameters*.
#
# Without APT, the same is in the PDF file of the program on [the STScI page of program
# 2732](https://www.stsci.edu/jwst/science-execution/program-information?id=2732). This is what you find there (for
# another program, what the headers of its exposures say):

# %%
Markdown(proposal.description(program))

# %% [markdown]
# And this is the exposure table, as data: one dict a row, so that you can sort, count and multiply.

# %%
apt = proposal.table(program)
short = {"observation": "obs.", "integrations": "ints", "exposures_per_dither": "exp./dither"}
lines = ["| " + " | ".join(short.get(name, name) for name in apt[0]) + " |", "|---" * len(apt[0]) + "|"]
lines += ["| " + " | ".join(row.values()) + " |" for row in apt]
Markdown("\n".join(lines))

# %%
mrs = [row for row in apt if row["detector"].startswith("MRS")]
first = list({row["observation"]: row for row in mrs}.values())  # one row for each observation
print(f"one entry for each observation: {', '.join(row['observation'] for row in first)}")

# %% [markdown]
# (Of program 2732, the rows of the imager in observation 5 are left out; its second filter in observation 4 cannot be
# read on the slides.) Now fill in the table of the workshop, row by row, all its cells. Each row asks for science *and*
# background, where there is one.

# %%
Markdown(proposal.blank(program))

# %% [markdown]
# > **Exercise `01-channels`.**

# %% tags=["answer"] exercise="01-channels"
channels = ...  # "science / background"
# solution begin
sees = {"MRSSHORT": "1, 2", "MRSLONG": "3, 4"}
seen = [{item["detector"] for item in mrs if item["observation"] == row["observation"]} for row in first]
channels = " / ".join(", ".join(sees[name] for name in sees if name in names) for names in seen)
# solution end
answers.give("01-channels", channels)

# %% [markdown]
# > **Exercise `01-bands`.**

# %% tags=["answer"] exercise="01-bands"
bands = ...  # "science / background"
# solution begin
rows = [[item for item in mrs if item["observation"] == row["observation"]] for row in first]
bands = " / ".join(", ".join(dict.fromkeys(item["wavelength"][:-3] for item in items)) for items in rows)
# solution end
answers.give("01-bands", bands)

# %% [markdown]
# > **Exercise `01-readout`.**

# %% tags=["answer"] exercise="01-readout"
readout = ...  # "science / background"
# solution begin
readout = " / ".join(row["readout"] for row in first)
# solution end
answers.give("01-readout", readout)

# %% [markdown]
# > **Exercise `01-groups`.**

# %% tags=["answer"] exercise="01-groups"
groups = ...  # [science, background]
# solution begin
groups = [int(row["groups"]) for row in first]
# solution end
answers.give("01-groups", groups)

# %% [markdown]
# > **Exercise `01-integrations`.**

# %% tags=["answer"] exercise="01-integrations"
integrations = ...  # [science, background]
# solution begin
integrations = [int(row["integrations"]) for row in first]
# solution end
answers.give("01-integrations", integrations)

# %% [markdown]
# > **Exercise `01-dithers`.**

# %% tags=["answer"] exercise="01-dithers"
dithers = ...  # [science, background]
# solution begin
dithers = [int(row["dithers"]) for row in first]
# solution end
answers.give("01-dithers", dithers)

# %% [markdown]
# ### Exposure time
#
# Two definitions are in use, and both are right for their purpose:
#
# - the **exposure time** that APT prints counts the frames of an exposure *with* the reset between the integrations:
#   (groups × integrations + integrations − 1) × 2.77504 s, times the number of dithers. It says how long the detector
#   was busy;
# - the **photon time** (the keyword `EFFEXPTM` in the files) leaves the reset out, because no photon of that frame is
#   used. It says how long light was collected, and so how small the noise can be.
#
# On the slides you meet a number of the first kind; in the headers one of the second kind, about 1 % smaller. Neither
# is a mistake. Test your formula on the imager's rows, 10 groups and 5 integrations, whose time APT prints too:
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
# The MRS has four channels and three sub-bands, hence twelve *bands*, from `1A` (channel 1, SHORT) to `4C` (channel
# 4, LONG). Channels 1 and 2 fall on the short-wavelength detector, channels 3 and 4 on the long-wavelength one, so
# one file of one detector holds **two bands**. Both detectors are read at the same time. The imager's files have
# `mirimage` in their names and do not count here.
#
# One slide of the workshop prints the formula of the science observation in the column of the background too. Do not
# copy it, count.
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
# Who writes a proposal starts from the time and looks for the groups. Write a function for it; it is tried on several
# cases.
#
# > **Exercise `01-groups-that-fit`.**


# %% tags=["answer"] exercise="01-groups-that-fit"
def groups_that_fit(seconds, integrations, dithers):
    """Return the largest number of groups in an integration with which a band takes at most this time."""
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
# The workspace has the folders of the workshop, so the notebook of STScI runs on it as well:
#
# - `Source/uncal`, `Background/uncal`: raw ramps
# - `stage1`, `stage2`, `stage3` beside them: what the pipeline makes
# - `Plots`: every figure of the lessons, as a file
# - `Ramp/uncal`: one long exposure for an experiment in lesson 03; it belongs to no association
#
# Which files are there, and what are they? Never trust the name: **read the header**. `CHANNEL` is `12` or `34`, and
# `BAND` is the *sub-band* SHORT, MEDIUM or LONG.

# %%
for role in ("source", "background"):
    for path in products.find(space.stage(role, "uncal"), "uncal"):
        exposure = products.read_exposure(path)
        shape = f"{exposure.integrations} x {exposure.groups} groups"
        made = "SIMULATED" if exposure.simulated else "real"
        print(f"{role:<11}{exposure.setting.name:<9}dither {exposure.dither}  {shape:<15}{made}  {path.name}")

# %% [markdown]
# If the course runs in its *quick* profile, the exposures are shorter than the plan says, so that the pipeline runs
# in minutes. The headers know.
#
# > **Exercise `01-photon-time-here`.**

# %% tags=["answer"] exercise="01-photon-time-here"
photon_time = ...  # s
# solution begin
photon_time = sum(products.read_exposure(path).photon_time for path in science_files)
# solution end
answers.give("01-photon-time-here", photon_time, unit="s")

# %% [markdown]
# ## 6 · Dithers
#
# Between the exposures the telescope moves by a fraction of an arcsecond. Dithers are mandatory for the MRS, for two
# reasons:
#
# - **Sampling.** Slices and pixels are nearly as wide as the image of a star. The offsets are odd multiples of *half*
#   a slice (and of half a pixel), so that together the exposures sample the sky twice as finely.
# - **Bad pixels and cosmic rays.** Each place of the sky falls on other pixels every time.
#
# The pointing is in the header of the `SCI` extension: `RA_REF`, `DEC_REF` and `ROLL_REF`. The figure draws the field
# of view of all four channels at each dither of your exposures, about the target. North is up, east is left; the thin
# lines are the slices of the first dither.

# %%
headers = [fits.getheader(path, "SCI") for path in science_files]
ra = np.array([header["RA_REF"] for header in headers])  # deg
dec = np.array([header["DEC_REF"] for header in headers])  # deg
east = 3600 * (ra - target["TARG_RA"]) * np.cos(np.deg2rad(dec))  # arcsec
north = 3600 * (dec - target["TARG_DEC"])
figures.dithers(east, north, roll, [1, 2, 3, 4], simulated)

# %% [markdown]
# Nearly all of the step from dither 1 to dither 2 is *across* the slices: 0.975 arcsec. The slices are 0.177, 0.280,
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
# A whole number and a half in *every* channel: one step serves all four. Where one dither has the border between two
# slices, the other has the middle of a slice.

# %% [markdown]
# ## 7 · The pipeline and its stages

# %%
diagrams.stages()

# %% [markdown]
# ### Reference files: CRDS
#
# Each stage is a list of **steps**, and nearly every step needs a **reference file**: the dark, the flat, the map of
# bad pixels, the wavelength of every pixel. They are kept by CRDS, the Calibration Reference Data System:
#
# - The pipeline reads the header of your exposure (detector, band, date, readout ...) and asks CRDS for the fitting
#   file of each type.
# - A **context**, a file with a name like `jwst_1234.pmap`, is one frozen set of rules that answers. New references
#   come with new contexts.
# - `CRDS_PATH` is the folder on your disk where rules and files are kept, `CRDS_SERVER_URL` the server that hands out
#   what is missing.
#
# For a paper, give the version of `jwst` *and* the context. Every product records both (`CAL_VER`, `CRDS_CTX`).
#
# The course brings a small set of references of its own, which it made for its simulated instrument. With these it
# works without a network: the server's name below contains *serverless*, and nobody is asked.

# %%
import os
from pathlib import Path

for name in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL"):
    value = os.environ.get(name, "not set")
    print(f"{name:<16}{Path(value).name if name == 'CRDS_PATH' else value}")
folder = Path(os.environ.get("CRDS_PATH", "")) / "references" / "jwst" / "miri"
found = [path for path in folder.rglob("*") if path.is_file()]
print(f"{len(found)} reference files, {sum(path.stat().st_size for path in found) / 1e6:.0f} MB")

# %% [markdown]
# For real data, `mrskit references --real work/real` sees which references your exposures need, fetches what is missing
# from the server, and writes cache and context into the workspace. By hand you set the first and the third yourself,
# *before* the pipeline is imported; without `CRDS_CONTEXT` the server chooses the context:
#
# ```python
# os.environ["CRDS_PATH"] = os.path.expanduser("~/crds")
# os.environ["CRDS_SERVER_URL"] = "https://jwst-crds.stsci.edu"
# ```
#
# A context is a tree of rules: the context (`.pmap`) names a file of rules for each instrument (`.imap`), which names
# one for each type of reference (`.rmap`), which says which file fits which header. Here are some of them, asked with
# the header of your first exposure.

# %%
from mrskit.references.context import selected

for kind, name in selected(science_files[0], ("dark", "flat", "mask", "distortion", "photom")).items():
    print(f"{kind:<12}{name}")

# %% [markdown]
# > **Exercise `01-context`.**

# %% tags=["answer"] exercise="01-context"
context = ...  # "a", "b", "c" or "d"
# solution begin
context = "b"
# solution end
answers.give("01-context", context)

# %% [markdown]
# ## 8 · Parameters: whose value counts?
#
# A step's parameter can get its value from three places. Later ones win: the default in the **code**; a **parameter
# reference** in CRDS; what **you** pass when you call the pipeline. The trap is the second: if CRDS has no parameter
# reference, because a cache is incomplete, the pipeline takes the code's default *without a word*, and the result
# differs. So this course passes every parameter that matters for the MRS explicitly. The table shows our value, the
# default in the code, and what our references say (`None`: nothing), wherever the three do not agree.

# %%
from mrskit.pipeline import parameters

rows = parameters.effective_table()
table = ["| step | parameter | ours | code | reference | why |", "|---|---|---|---|---|---|"]
for row in rows:
    if row.ours != row.code_default or row.reference_value not in (None, row.code_default):
        values = f"{row.ours} | {row.code_default} | {row.reference_value}"
        table.append(f"| `{row.step}` | `{row.parameter}` | {values} | {row.why} |")
print(f"{len(table) - 2} of {len(rows)} parameters")
Markdown("\n".join(table))

# %% [markdown]
# > **Exercise `01-silent-default`.**

# %% tags=["answer"] exercise="01-silent-default"
silent_default = ...  # "a", "b", "c" or "d"
# solution begin
silent_default = "c"
# solution end
answers.give("01-silent-default", silent_default)

# %% [markdown]
# ### A trap in the workshop's notebook
#
# The notebook of the workshop selects the data with two lines, and a comment that is easily overlooked:
#
# ```python
# # Note BOTH must be set in order to work
# use_ch = '12'
# use_band = 'SHORT'
# ```
#
# Our lessons have the same two parameters, and refuse to start when one is missing.
#
# > **Exercise `01-both-selectors`.**

# %% tags=["answer"] exercise="01-both-selectors"
selection = ...  # "a", "b", "c" or "d"
# solution begin
selection = "d"
# solution end
answers.give("01-both-selectors", selection)

# %% [markdown]
# ## What you can do now
#
# - Say what a frame, a group, an integration and an exposure are, and why detectors are read many times.
# - Read the configuration of an MRS observation from its proposal, and compute its exposure time in both definitions.
# - Predict the number of raw files, for the target and for the background, and plan an exposure of a given length.
# - Say where the MRS looked, how large its fields are, and why the dithers are half slices.
# - Check a computer and a workspace before the pipeline starts.
# - Identify an exposure by its header and not by its name.
# - Say what a CRDS context is, and why parameters are better passed explicitly.
#
# **Next:** lesson 02 opens the raw files and looks at them.

# %%
answers.summary()
