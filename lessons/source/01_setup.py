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
# raw files, find your way in the workspace, and say which reference files and which parameters the pipeline will use.
#
# **Prerequisites.** Python and numpy at the level of arrays and functions; no JWST experience. **Time.** 30 minutes.
#
# The story of the course: the active galaxy **NGC 7319** in Stephan's Quintet was observed with the Medium Resolution
# Spectrometer (MRS) of MIRI, program 2732. You will take such observations from raw data to maps of emission lines.
# The *plan* in this lesson is the real one. The *data* on your disk are **simulated**: raw exposures of an imaginary
# NGC 7319, made so that the unmodified `jwst` pipeline takes them for real ones, and so that the truth is known.

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
scheduler = "local"  # "local" (two processes), "none", or the address of a dask scheduler

# %% [markdown]
# ## 1 · Start
#
# `answers.begin` opens the workspace. `answers.give("01-...", value)` hands in an answer and tells you at once how
# you did. `answers.hint("01-...")` gives a hint; call it again for a stronger one. An exercise that you leave at
# `...` counts as not answered, and the lesson goes on.

# %%
import numpy as np

from mrskit import answers, products
from mrskit.bands import Setting
from mrskit.plotting import style

space = answers.begin(
    "01_setup", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg, pixel_bg=pixel_bg,
    master_bg=master_bg, start_from=start_from, data_source=data_source, scheduler=scheduler,
)  # fmt: skip
style.use(space)
setting = Setting(use_ch, use_band)
print(f"{setting.name}: bands {' and '.join(band.name for band in setting.bands)}")

# %% [markdown]
# ## 2 · Frame, group, integration, exposure
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
# Here is one exposure of program 2732, as one pixel sees it. (A drawing, not data.)

# %%
from mrskit.plotting import ramps

ramps.schematic(groups=40, integrations=2)

# %% [markdown]
# Between two integrations the detector is reset, which takes one frame time. After the last integration of an
# exposure no such frame is counted.
#
# > **Exercise `01-frames`.** How many frame times does this exposure take, with the reset? Give `frames`, a whole
# > number.

# %% tags=["answer"] exercise="01-frames"
frames = ...  # a whole number
# solution begin
frames = 40 + 1 + 40
# solution end
answers.give("01-frames", frames)

# %% [markdown]
# ### Two readout patterns
#
# - **FASTR1**: a group is one frame; a new one every 2.77504 s. The MRS standard.
# - **SLOWR1**: each pixel is sampled nine times in a row before the readout moves on, and the average of the last
#   eight is kept; a new group every 23.88992 s. Less noise for one group, fewer data, but a cosmic ray is located in
#   time only to 24 s.

# %%
ramps.readouts(duration=120)

# %% [markdown]
# > **Exercise `01-slow-group`.** How many FASTR1 groups fit into the time of one SLOWR1 group? Give `slow_over_fast`,
# > a number with two decimals (tolerance 0.05).

# %% tags=["answer"] exercise="01-slow-group"
slow_over_fast = ...  # a number
# solution begin
slow_over_fast = 23.88992 / 2.77504
# solution end
answers.give("01-slow-group", slow_over_fast)

# %% [markdown]
# ## 3 · The observation in the proposal
#
# The configuration of every JWST observation is public. In the Astronomer's Proposal Tool (APT): *File → Retrieve
# from STScI → Retrieve using program ID → 2732*. Without APT, the same is in the PDF file of the program on [the
# STScI page of program 2732](https://www.stsci.edu/jwst/science-execution/program-information?id=2732). We need two
# observations:
#
# **Observation 4, "NGC 7319 AGN MRS spectroscopy"**, target NGC-7319-MRS. Primary channel: All MRS. Dithers: 4-POINT,
# optimised for EXTENDED SOURCE. Simultaneous imaging: yes.
#
# | detector | wavelength | readout | groups / int. | ints / exposure | exposures / dither | dithers | total ints |
# |---|---|---|---|---|---|---|---|
# | IMAGER | F770W | FASTR1 | 10 | 5 | 1 | 4 | 20 |
# | MRSLONG | SHORT(A) | FASTR1 | 40 | 2 | 1 | 4 | 8 |
# | MRSSHORT | SHORT(A) | FASTR1 | 40 | 2 | 1 | 4 | 8 |
# | IMAGER | second filter | FASTR1 | 10 | 5 | 1 | 4 | 20 |
# | MRSLONG | MEDIUM(B) | FASTR1 | 40 | 2 | 1 | 4 | 8 |
# | MRSSHORT | MEDIUM(B) | FASTR1 | 40 | 2 | 1 | 4 | 8 |
# | IMAGER | F1130W | FASTR1 | 10 | 5 | 1 | 4 | 20 |
# | MRSLONG | LONG(C) | FASTR1 | 40 | 2 | 1 | 4 | 8 |
# | MRSSHORT | LONG(C) | FASTR1 | 40 | 2 | 1 | 4 | 8 |
#
# **Observation 5, "NGC 7319 AGN MRS BG"**, target NGC-7319-BG: an empty field nearby. Primary channel: All MRS.
# Dithers: **2-POINT**. The same wavelengths, readout, groups and integrations.
#
# Fill in the table of the workshop, row by row; each row asks for science *and* background:
#
# | | science | background |
# |---|---|---|
# | channels | ? | ? |
# | bands | ? | ? |
# | readout | ? | ? |
# | groups | ? | ? |
# | integrations | ? | ? |
# | dithers | ? | ? |
# | exposure time of a band | ? | ? |
# | number of uncal files | ? | ? |

# %% [markdown]
# > **Exercise `01-channels`.** Which MRS channels were observed? Give the text `channels`, science and background
# > separated by a slash, e.g. `"1, 2 / 3"`.

# %% tags=["answer"] exercise="01-channels"
channels = ...  # "science / background"
# solution begin
channels = "1, 2, 3, 4 / 1, 2, 3, 4"
# solution end
answers.give("01-channels", channels)

# %% [markdown]
# > **Exercise `01-bands`.** Which sub-bands (grating settings)? Give the text `bands`, science and background
# > separated by a slash, e.g. `"SHORT / LONG"`.

# %% tags=["answer"] exercise="01-bands"
bands = ...  # "science / background"
# solution begin
bands = "SHORT, MEDIUM, LONG / SHORT, MEDIUM, LONG"
# solution end
answers.give("01-bands", bands)

# %% [markdown]
# > **Exercise `01-readout`.** Which readout pattern? Give the text `readout`, science and background separated by a
# > slash.

# %% tags=["answer"] exercise="01-readout"
readout = ...  # "science / background"
# solution begin
readout = "FASTR1 / FASTR1"
# solution end
answers.give("01-readout", readout)

# %% [markdown]
# > **Exercise `01-groups`.** How many groups has an integration of the MRS detectors? Give `groups`, an array of
# > shape (2,): science, background.

# %% tags=["answer"] exercise="01-groups"
groups = ...  # [science, background]
# solution begin
groups = [40, 40]
# solution end
answers.give("01-groups", groups)

# %% [markdown]
# > **Exercise `01-integrations`.** How many integrations has one exposure? Give `integrations`, an array of shape
# > (2,).

# %% tags=["answer"] exercise="01-integrations"
integrations = ...  # [science, background]
# solution begin
integrations = [2, 2]
# solution end
answers.give("01-integrations", integrations)

# %% [markdown]
# > **Exercise `01-dithers`.** At how many dither positions was each target observed? Give `dithers`, an array of
# > shape (2,).

# %% tags=["answer"] exercise="01-dithers"
dithers = ...  # [science, background]
# solution begin
dithers = [4, 2]
# solution end
answers.give("01-dithers", dithers)

# %% [markdown]
# ### Exposure time
#
# Two definitions are in use, and both are right for their purpose:
#
# - the **exposure time** that APT prints (and the slides round to 899 s) counts the frames of an exposure *with* the
#   reset between the integrations: (groups x integrations + integrations − 1) x 2.77504 s, times the number of
#   dithers;
# - the **photon time** (the keyword `EFFEXPTM` in the files) leaves the reset out: no photon of that frame is used.
#
# Test your formula on the imager's rows, 10 groups and 5 integrations, whose time APT prints too: 599.409 s.
#
# > **Exercise `01-exposure-time-science`.** What is the total exposure time of each single band on NGC 7319, all
# > dithers? Give `time_science` in s (tolerance 1 s). Either definition counts; the answer tells you which one is
# > yours.

# %% tags=["answer"] exercise="01-exposure-time-science"
time_science = ...  # s
# solution begin
time_science = (40 * 2 + 1) * 2.77504 * 4
# solution end
answers.give("01-exposure-time-science", time_science, unit="s")

# %% [markdown]
# > **Exercise `01-exposure-time-background`.** And on the background field? Give `time_background` in s (tolerance 1
# > s).

# %% tags=["answer"] exercise="01-exposure-time-background"
time_background = ...  # s
# solution begin
time_background = (40 * 2 + 1) * 2.77504 * 2
# solution end
answers.give("01-exposure-time-background", time_background, unit="s")

# %% [markdown]
# ### Raw files
#
# The MRS has four channels and three sub-bands, hence twelve *bands*, from `1A` (channel 1, SHORT) to `4C` (channel
# 4, LONG). Channels 1 and 2 fall on the short-wavelength detector, channels 3 and 4 on the long-wavelength one, so
# one file of one detector holds **two bands**. Both detectors are read at the same time. The imager's files have
# `mirimage` in their names and do not count here.
#
# > **Exercise `01-uncal-science`.** How many MRS `uncal` files has the science observation? Give `files_science`, a
# > whole number.

# %% tags=["answer"] exercise="01-uncal-science"
files_science = ...  # a whole number
# solution begin
files_science = 12 * 4 // 2
# solution end
answers.give("01-uncal-science", files_science)

# %% [markdown]
# One slide of the workshop prints the formula of the science observation in the column of the background too. Do not
# copy it, count.
#
# > **Exercise `01-uncal-background`.** How many MRS `uncal` files has the background observation? Give
# > `files_background`, a whole number.

# %% tags=["answer"] exercise="01-uncal-background"
files_background = ...  # a whole number
# solution begin
files_background = 12 * 2 // 2
# solution end
answers.give("01-uncal-background", files_background)

# %% [markdown]
# ## 4 · The workspace
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
# > **Exercise `01-photon-time-here`.** For how long do the science exposures of *your* setting in *your* workspace
# > count photons, all dithers together? Add up `EFFEXPTM` and give `photon_time` in s (tolerance 0.1 s). The paths
# > are in `science_files`.

# %% tags=["answer"] exercise="01-photon-time-here"
science_files = products.find(space.stage("source", "uncal"), "uncal", setting)
photon_time = ...  # s
# solution begin
photon_time = sum(products.read_exposure(path).photon_time for path in science_files)
# solution end
answers.give("01-photon-time-here", photon_time, unit="s")

# %% [markdown]
# ## 5 · Dithers
#
# Between the exposures the telescope moves by a fraction of an arcsecond. Dithers are mandatory for the MRS, for two
# reasons:
#
# - **Sampling.** Slices and pixels are nearly as wide as the image of a star. The offsets are odd multiples of *half*
#   a slice (and of half a pixel), so that together the exposures sample the sky twice as finely.
# - **Bad pixels and cosmic rays.** Each place of the sky falls on other pixels every time.
#
# The pointing is in the header of the `SCI` extension: `RA_REF`, `DEC_REF` and `ROLL_REF`.

# %%
from astropy.io import fits

headers = [fits.getheader(path, "SCI") for path in products.find(space.stage("source", "uncal"), "uncal", setting)]
ra = np.array([header["RA_REF"] for header in headers])  # deg
dec = np.array([header["DEC_REF"] for header in headers])  # deg
print("right ascension (deg):", ra.round(6))
print("declination (deg):    ", dec.round(6))

# %% [markdown]
# The figure draws the field of view of each channel at each dither, about the target. North is up, east is left.

# %%
from mrskit.plotting import observation

primary = fits.getheader(science_files[0])
east = 3600 * (ra - primary["TARG_RA"]) * np.cos(np.deg2rad(dec))
north = 3600 * (dec - primary["TARG_DEC"])
simulated = products.read_exposure(science_files[0]).simulated
observation.dithers(east, north, headers[0]["ROLL_REF"], [band.channel for band in setting.bands], simulated)

# %% [markdown]
# > **Exercise `01-dither-distance`.** How far apart on the sky are the first two positions? Give `distance` in arcsec
# > (tolerance 0.02 arcsec), from `ra` and `dec`.

# %% tags=["answer"] exercise="01-dither-distance"
distance = ...  # arcsec
# solution begin
distance = 3600 * np.hypot((ra[1] - ra[0]) * np.cos(np.deg2rad(dec[0])), dec[1] - dec[0])
# solution end
answers.give("01-dither-distance", distance, unit="arcsec")

# %% [markdown]
# Nearly all of this step is *across* the slices. It is made of 5.5 slices of channel 1 (0.177 arcsec each), 3.5 of
# channel 2, 2.5 of channel 3 and 1.5 of channel 4: a half-integer number in every channel.

# %% [markdown]
# ## 6 · The pipeline and its stages

# %%
observation.stages()

# %% [markdown]
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
# The course brings a small set of references of its own, which it made for its simulated instrument. It works without
# a network: the server's name below contains *serverless*, and nobody is asked.

# %%
import os
from pathlib import Path

for name in ("CRDS_PATH", "CRDS_CONTEXT", "CRDS_SERVER_URL"):
    print(f"{name:<16}{os.environ.get(name, 'not set')}")
folder = Path(os.environ.get("CRDS_PATH", "")) / "references" / "jwst" / "miri"
files = [path for path in folder.rglob("*") if path.is_file()]
print(f"{len(files)} reference files, {sum(path.stat().st_size for path in files) / 1e6:.0f} MB")

# %% [markdown]
# > **Exercise `01-context`.** What does a CRDS context fix? Give the letter of your choice as `context`.
# >
# > - `"a"`: the version of the pipeline's code
# > - `"b"`: which reference file is used for which exposure
# > - `"c"`: the folder in which reference files are stored
# > - `"d"`: only the parameters of the steps

# %% tags=["answer"] exercise="01-context"
context = ...  # "a", "b", "c" or "d"
# solution begin
context = "b"
# solution end
answers.give("01-context", context)

# %% [markdown]
# ## 7 · Parameters: whose value counts?
#
# A step's parameter can get its value from three places. Later ones win: the default in the **code**; a **parameter
# reference** in CRDS; what **you** pass when you call the pipeline. The trap is the second: if CRDS has no parameter
# reference, because a cache is incomplete, the pipeline takes the code's default *without a word*, and the result
# differs. So this course passes every parameter that matters for the MRS explicitly. The table shows our value, the
# default in the code, and what our references say (`None`: nothing), wherever the three do not agree.

# %%
from IPython.display import Markdown

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
# > **Exercise `01-silent-default`.** Somebody runs stage 1 with the code's own defaults, because the cache has no
# > parameter reference for `jump`. What happens to the cosmic-ray showers? Give the letter as `silent_default`.
# >
# > - `"a"`: they are found and flagged, as always
# > - `"b"`: the pipeline stops and asks for the missing file
# > - `"c"`: they stay in the data, and nothing says so
# > - `"d"`: they stay in the data, and so do all other cosmic rays

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
# > **Exercise `01-both-selectors`.** In the workshop's notebook somebody sets `use_ch = '12'` and leaves `use_band =
# > ''`. What is reduced? Give the letter as `selection`.
# >
# > - `"a"`: channels 1 and 2 in all three sub-bands
# > - `"b"`: nothing; the notebook stops with an error
# > - `"c"`: channels 1 and 2 in SHORT, the default
# > - `"d"`: everything: both detectors, all sub-bands

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
# - Predict the number of raw files, for the target and for the background.
# - Identify an exposure by its header and not by its name.
# - Say what a CRDS context is, and why parameters are better passed explicitly.
#
# **Next:** lesson 02 opens the raw files and looks at them.
