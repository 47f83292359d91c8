# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · Spec3: cubes, backgrounds and spectra
#
# **Aims.** After this lesson you can read an association of stage 3, say what outlier detection finds, turn surface
# brightness into flux, choose an aperture and know why, choose a background by its bias and its noise, and explain
# why the extracted spectra of an extended source do not join from channel to channel.
#
# **Prerequisites.** Lesson 04 (calibrated images, MJy/sr). **Time.** 45 minutes.
#
# The data are **simulated**: an imaginary NGC 7319, reduced by the unmodified `jwst` pipeline. Every figure says so.

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
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from astropy.io import fits

from mrskit import answers, plan, products
from mrskit.bands import Setting
from mrskit.plotting import spectra, style

space = answers.begin(
    "05_spec3", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg,
    pixel_bg=pixel_bg, master_bg=master_bg, start_from=start_from, data_source=data_source,
    scheduler=scheduler,
)  # fmt: skip
style.use(space)

# %% [markdown]
# The two bands of your setting are called `blue` and `red` in what follows; `centre` is the place of the nucleus.

# %%
setting = Setting(use_ch, use_band)
blue, red = setting.bands  # the two bands of the setting, e.g. 1A and 2A
program = plan.program()
centre = program.target_ra, program.target_dec  # deg: the nucleus
stage3 = space.stage("source", "stage3")

# %% [markdown]
# ## 2 · Run stage 3
#
# One call. Inside, the steps are: `master_background` → `outlier_detection` → `pixel_replace` (fills bad pixels from
# their neighbours) → `cube_build` → `extract_1d` → `spectral_leak`. It takes about a minute the first time.

# %%
from mrskit.pipeline import stages as pipeline

options = pipeline.Options(pixel_background=pixel_bg, master_background=master_bg, scheduler=scheduler)
if "3" in stages and start_from != "s3d":
    made = pipeline.spec3(space, setting, options=options)
    print("\n".join(path.name for path in made if path.name.startswith("Level3")))

# %% [markdown]
# This lesson also compares: other numbers of dithers, another background, another extraction. For that no stage is run
# again, only **one step on part of the data**: `cube_build` on 0.3 µm of one band, and `extract_1d` on your cubes. It
# takes half a minute; what is there already is not made again.

# %%
from mrskit.course.shown.cube_runs import teaching_runs
from mrskit.pipeline.steps import stage3 as stage3_steps

cal = products.find(space.stage("source", "stage2"), "cal", setting)
background_cal = products.find(space.stage("background", "stage2"), "cal", setting)
flagged_paths = products.find(stage3, "crf", setting)  # the same exposures after outlier detection
stems = [stage3 / f"Level3_ch{band.channel}-{use_band.lower()}" for band in setting.bands]
paths = [Path(f"{stem}_s3d.fits") for stem in stems]
small = {}
if cal and flagged_paths:
    runs = teaching_runs(space, cal, background_cal, paths, setting.bands)
    small = stage3_steps.run(space, runs, options)
print(f"{len(small)} small products" if small else "No calibrated exposures: comparisons are left out.")

# %% [markdown]
# ## 3 · The association of stage 3
#
# Stage 3 combines. Its association has one product, `Level3`, with two kinds of members:
#
# - `science`: the **calibrated detector images** (`cal`) of all dithers. Not cubes: the cube is drizzled once, from
#   the detector pixels of all exposures together, so that the dithers can fill what one position leaves out;
# - `background`: the **extracted spectra** (`x1d`) of the background exposures, from which the master background is
#   made.

# %%
name = f"Level3_ch{use_ch}-{use_band.lower()}_asn.json"
found = (stage3 / name).is_file()
association = json.loads((stage3 / name).read_text()) if found else {"products": [{"members": []}]}
for member in association["products"][0]["members"]:
    print(f"{member['exptype']:<12}{member['expname']}")
if not found:
    print("No association of stage 3 here: this section is left out.")

# %% [markdown]
# > **Exercise `05-asn-members`.**

# %% tags=["answer"] exercise="05-asn-members"
asn_members = ...  # [number of science members, number of background members]
# solution begin
kinds = [member["exptype"] for member in association["products"][0]["members"]]
asn_members = np.array([kinds.count("science"), kinds.count("background")])
# solution end
answers.give("05-asn-members", asn_members)

# %% [markdown]
# ## 4 · Outlier detection
#
# Cosmic rays were found in the ramps, in stage 1. What `outlier_detection` looks for are **bad pixels that the mask
# does not know**: warm pixels come and go. In every exposure it takes the difference of a pixel to its nearer
# neighbour, and of all exposures the smallest one. A star moves with the dithers; a bad pixel stands out in every
# exposure, at the same place. Flagged are the highest values: `outlier_detection.threshold_percent` is `99.8` by
# default, so that about 0.2 % of the pixels go, the same ones in all exposures, however good the detector is.

# %%
if flagged_paths:
    quality = fits.getdata(flagged_paths[0], "DQ")  # a whole number a pixel: one bit a flag
    image = fits.getdata(flagged_paths[0], "SCI")  # MJy/sr
    print(f"{np.isfinite(image).sum()} pixels of the first exposure have a value after the step")
else:
    print("No exposures after outlier detection here: this section is left out.")

# %% [markdown]
# > **Exercise `05-outliers`.**

# %% tags=["answer"] exercise="05-outliers"
flagged = ...  # boolean array of the detector's shape
# solution begin
if flagged_paths:
    flagged = (quality & 16) > 0
# solution end
answers.give("05-outliers", flagged)

# %% [markdown]
# Part of the first exposure, with its flagged pixels:

# %%
from mrskit.course.shown import lesson05_figures as figures

if flagged is not ...:
    image = fits.getdata(cal[0], "SCI")
    simulated = products.read_exposure(cal[0]).simulated
    figures.outliers(image, np.asarray(flagged, dtype=bool), (560, 560), simulated)

# %% [markdown]
# ## 5 · The cubes
#
# Each band has a cube of its own: two places on the sky and one wavelength. The sampling differs from channel to
# channel, because slices and pixels do.

# %%
cubes = {cube.band.name: cube for cube in map(products.read_cube, paths)}
simulated = all(cube.simulated for cube in cubes.values())
for name, cube in cubes.items():
    step = 1e3 * (cube.wavelength[1] - cube.wavelength[0])  # nm
    print(f"{name}: shape {cube.flux.shape} (wavelengths, rows, columns), "
          f"spaxels of {cube.spaxel_size:.2f} arcsec, planes of {step:.1f} nm")  # fmt: skip

# %% [markdown]
# Leaf through the first cube: in a notebook that somebody has open, sliders for wavelength, row and column stand below
# the figure, and a **click** into the image shows the spectrum of that spaxel. Go along the wavelengths until the
# nucleus fades and the ring shines, then click on both.

# %%
from mrskit import viewers

viewers.slices(paths[0], "05-cube-viewer")

# %% [markdown]
# The nucleus in the continuum, in a strong line of highly ionised gas, and in a line of molecular hydrogen. They do
# not look alike: you will measure how in lesson 06.

# %%
from mrskit.course.shown.target_lines import band_of, targets
from mrskit.plotting import cubes as cube_plots

lines = targets(setting)
shown = cubes[band_of(lines.ion, setting, program.redshift)]
shift = 1 + program.redshift
ion_at = lines.ion_rest * shift
views = {"Continuum": ion_at + 0.1, lines.ion.rsplit(" ", 1)[0]: ion_at}
if band_of(lines.molecule, setting, program.redshift) == shown.band.name:
    views[lines.molecule.rsplit(" ", 1)[0]] = lines.molecule_rest * shift
cube_plots.planes(shown, centre, views, "05-cube-planes")

# %% [markdown]
# A cube holds surface brightness in MJy/sr. To add up spaxels, or to compare with a flux in Jy, multiply by the
# **solid angle of a spaxel** (keyword `PIXAR_SR`, here `cube.pixel_area`), and turn MJy into Jy.
#
# > **Exercise `05-spaxel-flux`.**

# %% tags=["answer"] exercise="05-spaxel-flux"
spaxel_flux = ...  # Jy
# solution begin
cube = cubes[blue.name]
brightest = np.nanmax(cube.flux[len(cube.wavelength) // 2])  # MJy/sr
spaxel_flux = brightest * 1e6 * cube.pixel_area
# solution end
answers.give("05-spaxel-flux", spaxel_flux, unit="Jy")

# %% [markdown]
# ## 6 · One spaxel is not enough
#
# The point-spread function of the telescope is hardly wider than a slice: in channels 1 and 2 it is **undersampled**.
# The share of light that a spaxel gets depends on where the nucleus fell with respect to slices and pixels, and
# because the slices are bowed on the detector, this changes with wavelength. The spectrum of a single spaxel waves up
# and down, although the source does not. In an aperture that is larger than the PSF the waves cancel.
#
# `sizes` holds the spectrum of the brightest spaxel and those of apertures whose **radius** is 0.5, 1, 2 and 3 times
# the FWHM of the PSF. `waves` divides a spectrum by a smooth continuum, leaves out lines and averages 15 planes, so
# that the noise does not hide the waves.

# %%
from mrskit.analysis.sampling import compared, point_fwhm, waves

cube = cubes[blue.name]
sizes = compared(cube, centre)
middle_blue = (blue.wavelength_min + blue.wavelength_max) / 2  # um
print(f"FWHM at {middle_blue:.2f} µm: {point_fwhm(middle_blue):.2f} arcsec")
print(", ".join(sizes))

# %% [markdown]
# > **Exercise `05-waves`.**

# %% tags=["answer"] exercise="05-waves"
strengths = ...  # array of five numbers, percent
# solution begin
ends = [np.nanpercentile(waves(item, program.redshift), (5, 95)) for item in sizes.values()]
strengths = np.array([50 * (high - low) for low, high in ends])
# solution end
answers.give("05-waves", strengths, unit="percent")

# %%
labels = list(sizes)
if strengths is not ...:
    labels = [f"{name}: {value:.1f} %" for name, value in zip(sizes, strengths, strict=True)]
curves = {label: (item.wavelength, waves(item, program.redshift))
          for label, item in zip(labels, sizes.values(), strict=True)}  # fmt: skip
figures.wave_stack(curves, f"{blue.name}: one spaxel against apertures", "05-waves", simulated)

# %% [markdown]
# From a radius of one FWHM on there is little to gain; a larger aperture collects more galaxy and more noise. (Gaps
# are emission lines.)
#
# ### What dithers do
#
# Each dither places the nucleus elsewhere with respect to slices and pixels, so that the waves of several exposures
# cancel. Here is the brightest spaxel in cubes of the first exposure alone, of the first two, and of all of them, over
# the same 0.3 µm.

# %%
from mrskit.analysis.sampling import amplitude, same_planes

built = {name: path for name, path in small.items() if path.name.endswith("s3d.fits")}
small_cubes = {name: products.read_cube(path) for name, path in built.items()}
by_dithers = {int(name[7]): item for name, item in small_cubes.items() if name.startswith("dithers")}
if by_dithers:
    by_dithers[len(cal)] = same_planes(cubes[blue.name], by_dithers[1])
one = {count: compared(by_dithers[count], centre, ())["one spaxel"] for count in sorted(by_dithers)}
strength = {count: amplitude(item, program.redshift) for count, item in one.items()}  # percent

# %%
if one:
    labels = {count: f"{count} dither{'s' * (count > 1)}: {strength[count]:.1f} %" for count in one}
    curves = {labels[count]: (item.wavelength, waves(item, program.redshift))
              for count, item in one.items()}  # fmt: skip
    figures.wave_stack(curves, f"{blue.name}: the brightest spaxel", "05-dithers", simulated)

# %% [markdown]
# > **Exercise `05-dithers`.**

# %% tags=["answer"] exercise="05-dithers"
dither_gain = ...  # waves with one dither / waves with all
# solution begin
if strength:
    dither_gain = strength[1] / strength[max(strength)]
# solution end
answers.give("05-dithers", dither_gain)

# %% [markdown]
# That is far more than the root of the number of exposures, which is what noise would gain: the four positions of the
# pattern are chosen so that the nucleus falls half a slice apart: then the waves are opposite, not random.

# %% [markdown]
# ## 7 · The background
#
# NGC 7319 is larger than the field of view: nowhere in the cube is there empty sky. So the telescope looked at an
# empty field too, twice, and stage 2 extracted one spectrum per background exposure and channel. Of a field without a
# point source `extract_1d` keeps two averages: `SURF_BRIGHT` is the plain mean, `BACKGROUND` the mean after clipping
# at 3 σ. Stage 3 averages the second over the exposures: the **master background**. (The slides call it a median. A
# median would be noisier.)
#
# > **Exercise `05-clipped-mean`.**


# %% tags=["answer"] exercise="05-clipped-mean"
def clipped_mean(values, sigma):
    """Return the mean of an array after clipping, in turn, at so many standard deviations."""
    result = ...  # one number, in the unit of the values
    # solution begin
    left, before = values[np.isfinite(values)], 0
    while left.size and left.size != before:
        before = left.size
        left = left[abs(left - np.median(left)) <= sigma * np.std(left)]
    result = np.mean(left) if left.size else np.nan
    # solution end
    return result


answers.give("05-clipped-mean", clipped_mean)

# %% [markdown]
# The spectra of the empty field; one plane is noisy, so the figure shows averages over 25 planes.

# %%
from scipy.ndimage import uniform_filter1d

levels = {}
for path in sorted(space.stage("background", "stage2").glob("*x1d.fits")):
    spectrum = products.read_spectrum(path)
    if spectrum.band in setting.bands:
        brightness = fits.getdata(path, "EXTRACT1D")["BACKGROUND"].astype(float)  # MJy/sr
        label = f"dither {fits.getval(path, 'PATT_NUM')} # {spectrum.band.name}"
        levels[label] = replace(spectrum, flux=brightness, unit="MJy/sr")
smooth = {name: replace(item, flux=uniform_filter1d(item.flux, 25)) for name, item in levels.items()}

# %%
if smooth:
    spectra.curves(
        smooth, "The empty field, averages over 25 planes", "05-background",
        "Surface brightness of the empty field against wavelength, two dithers: low and uncertain at "
        "the short end, higher and rising at the long end.",
        simulated, ylabel="Surface brightness (MJy/sr)",
    )  # fmt: skip
else:
    print("No spectra of background exposures here.")

# %% [markdown]
# Zodiacal light and the telescope's own heat rise steeply with wavelength. Below 7 µm the sky gives *less than the
# dark current*: what you see there is mostly what the dark subtraction got wrong, and it differs from exposure to
# exposure.
#
# > **Exercise `05-background-level`.**

# %% tags=["answer"] exercise="05-background-level"
middle = (red.wavelength_min + red.wavelength_max) / 2  # um
background_level = ...  # MJy/sr
# solution begin
own = [item for item in levels.values() if item.band == red]
means = [np.nanmean(item.flux[abs(item.wavelength - middle) < 0.1]) for item in own]
background_level = np.mean(means) if means else ...
# solution end
answers.give("05-background-level", background_level, unit="MJy/sr")

# %% [markdown]
# ## 8 · Four backgrounds on the same data
#
# The three methods of the course, and none at all, on the same planes of the redder band:
#
# - **none**: your standard cube with the master background added back;
# - **pixel**: the mean of the background images subtracted from every science image, pixel by pixel, and a cube built
#   of them. (Stage 2 does it before its own corrections. These are linear, so that the result is the same to within
#   the pixels that are flagged.)
# - **master**: your standard cube;
# - **annulus**: from the cube without subtraction, what a ring of 1.2 to 1.6 arcsec about the nucleus shows.
#
# `region` is a faint part of the galaxy's disk, 2.0 to 2.6 arcsec from the nucleus.

# %%
from mrskit.analysis import bakeoff

four, region = {}, None
pixel = small_cubes.get(f"pixel_{red.name}")
own = [item for item in levels.values() if item.band == red]
if pixel and own and master_bg and not pixel_bg:
    wave = cubes[red.name].wavelength
    master = np.mean([np.interp(wave, item.wavelength, item.flux) for item in own], axis=0)
    four = bakeoff.four_backgrounds(cubes[red.name], pixel, master, centre)
    region = bakeoff.disk_region(four, centre)
missing = "This needs cal files and the master background: it is left out."
print(f"{region.sum()} spaxels in the region" if four else missing)

# %% [markdown]
# The noise is taken from differences of planes five apart, in which the source drops out.
#
# > **Exercise `05-method-noise`.**

# %% tags=["answer"] exercise="05-method-noise"
method_noise = ...  # array of four numbers, MJy/sr: none, pixel, master, annulus
# solution begin
if four:
    method_noise = np.array([bakeoff.noise(item, region).spaxel for item in four.values()])
# solution end
answers.give("05-method-noise", method_noise, unit="MJy/sr")

# %% [markdown]
# Only the pixel method makes a spaxel noisier. With `m` background exposures as deep as the science exposures, theory
# gives √(1 + 1/m), 1.22 for two: although all science exposures get the *same* background image subtracted, the
# dithers bring a place of the sky to other pixels each time, so that its noise averages like that of the science.
# Without dithers it would stay, and the factor for four exposures would be √(1 + 4/2) = 1.73.
#
# > **Exercise `05-disk-brightness`.**

# %% tags=["answer"] exercise="05-disk-brightness"
disk_brightness = ...  # MJy/sr
# solution begin
if four:
    disk_brightness = bakeoff.level(four["master"], region)
# solution end
answers.give("05-disk-brightness", disk_brightness, unit="MJy/sr")

# %% [markdown]
# Everything together. Once you have answered, the truth is shown too, and with it the **bias** of each method.

# %%
truth = answers.reveal("05-disk-brightness") if four else None
level = {name: bakeoff.level(item, region) for name, item in four.items()}
noise = {name: bakeoff.noise(item, region) for name, item in four.items()}
for name in four:
    bias = f"bias {level[name] - truth:+7.1f}, " if truth is not None else ""
    print(f"{name:<8} level {level[name]:7.1f}, {bias}noise of a spaxel {noise[name].spaxel:5.1f}, "
          f"of the mean {noise[name].mean:4.1f} MJy/sr")  # fmt: skip

# %%
if four:
    one_spaxel = {name: item.spaxel for name, item in noise.items()}
    mean_noise = {name: item.mean for name, item in noise.items()}
    figures.backgrounds(level, one_spaxel, mean_noise, simulated, truth)

# %% [markdown]
# - **none** leaves the sky in: its bias is the background that you measured.
# - **pixel** has next to no bias. It also removes what is fixed on the detector, and pays with noise.
# - **master** has next to no bias and adds nothing to the noise of a spaxel. But what noise its spectrum has is *the
#   same in all spaxels* of a plane: look at the noise of the mean. And what is fixed on the detector stays.
# - **annulus** takes the inner disk for sky and subtracts it from the outer one. It is for point sources: there it
#   needs no background exposures, and what the ring takes of the PSF is part of the aperture correction.
#
# > **Exercise `05-background-choice`.**

# %% tags=["answer"] exercise="05-background-choice"
background_choice = ...  # "a", "b", "c" or "d"
# solution begin
background_choice = "b"
# solution end
answers.give("05-background-choice", background_choice)

# %% [markdown]
# ## 9 · Extracted spectra
#
# First a measurement that can be checked, because the sky was simulated: your own aperture.

# %%
from mrskit.analysis.spectra import aperture_spectrum

radius = {"12": 0.5, "34": 1.0}[use_ch]  # arcsec: about two FWHM of the PSF
own = {name: aperture_spectrum(cube, *centre, radius=radius) for name, cube in cubes.items()}
aperture = own[blue.name]  # its flux is in Jy

# %% [markdown]
# > **Exercise `05-nucleus-flux`.**

# %% tags=["answer"] exercise="05-nucleus-flux"
nucleus_flux = ...  # mJy
# solution begin
near = abs(aperture.wavelength - middle_blue) < 0.1
nucleus_flux = 1e3 * np.nanmedian(aperture.flux[near])
# solution end
answers.give("05-nucleus-flux", nucleus_flux, unit="mJy")

# %% [markdown]
# ### EXTENDED against POINT
#
# The pipeline extracts spectra too: the `x1d` files. Our dither pattern was "optimised for EXTENDED SOURCE", and so
# stage 2 set `SRCTYPE` to `EXTENDED`. Then `extract_1d` **adds up the whole field of view**: no centring, no annulus,
# no aperture correction. Had it been `POINT`, the step would have used an aperture that grows with the PSF, subtracted
# an annulus and corrected for the lost light. The figure shows both, from the same cubes.

# %%
files = [path for path in (Path(f"{stem}_x1d.fits") for stem in stems) if path.is_file()]
points = [path for name, path in small.items() if name.startswith("point")]
curves = {}
for label, group in (("EXTENDED: the field", files), ("POINT: growing aperture, annulus", points)):
    curves |= {f"{label} # {item.band.name}": item for item in map(products.read_spectrum, group)}
curves |= {f"own aperture, {radius} arcsec # {name}": item for name, item in own.items()}
spectra.curves(
    curves, "Three extractions of the same cubes", "05-extractions",
    "The EXTENDED spectra of the two bands lie far above the POINT spectra and those of the aperture, "
    "by a larger factor in the redder band; the latter two nearly agree.", simulated,
)  # fmt: skip

# %% [markdown]
# None is wrong;
# they answer different questions. The nucleus is a point, so POINT gives *its* spectrum, but the annulus lies on the
# galaxy; EXTENDED gives nucleus and disk together, as far as the field of that channel reaches.
#
# The column `NPIXELS` of the `x1d` table says how many spaxels went into the sum at each wavelength.
#
# > **Exercise `05-area-ratio`.**

# %% tags=["answer"] exercise="05-area-ratio"
tables = {products.read_spectrum(path).band.name: fits.getdata(path, "EXTRACT1D") for path in files}
area_ratio = ...  # area of the redder extraction / area of the bluer one
# solution begin
if len(tables) == 2:
    spaxels = {name: np.nanmedian(table["NPIXELS"]) for name, table in tables.items()}
    area = {name: spaxels[name] * cube.pixel_area for name, cube in cubes.items()}
    area_ratio = area[red.name] / area[blue.name]
# solution end
answers.give("05-area-ratio", area_ratio)

# %% [markdown]
# A uniform source would jump by that factor from channel to channel, though nothing is wrong with the calibration.
# For an extended source, extract the *same place with the same aperture* from every cube, as above.

# %% [markdown]
# ## 10 · The spectral leak at 12.2 µm
#
# Light of 6.1 µm, band 1B, leaks into band 3A in second order: at 12.22 µm about 2.7 % of the flux density at half
# the wavelength. The step `spectral_leak` scales the 1B spectrum and subtracts it from the 3A spectrum. It needs both
# bands in one association.
#
# > **Exercise `05-leak-extended`.**

# %% tags=["answer"] exercise="05-leak-extended"
leak_extended = ...  # "a", "b", "c" or "d"
# solution begin
leak_extended = "c"
# solution end
answers.give("05-leak-extended", leak_extended)

# %% [markdown]
# So of an extended source you correct the spectrum of your own aperture yourself.
#
# > **Exercise `05-leak`.**


# %% tags=["answer"] exercise="05-leak"
def leak(wavelength_3a, wavelength_1b, flux_1b, fraction):
    """Return the leaking light at the wavelengths of 3A, in the unit of flux_1b."""
    result = ...  # array of the shape of wavelength_3a
    # solution begin
    result = fraction * np.interp(wavelength_3a, 2 * wavelength_1b, flux_1b)
    # solution end
    return result


verdict = answers.give("05-leak", leak)

# %% [markdown]
# Your function on the twelve spectra that come with the course: the nucleus of the same simulated galaxy, extracted as
# POINT from a reduction of all bands, the leak still in it. It makes a bump of one part in seventy, hardly seen in the
# spectrum itself; minus a smooth curve it stands out. (The gap at 12.0 µm is an invented line.)

# %%
from mrskit.analysis import shipped
from mrskit.analysis.whole import leak_excess, steps

twelve = shipped.shipped_spectra()
if {"1B", "3A"} <= twelve.keys():
    path = shipped.shipped_folder() / "3A_x1d.fits"
    a, b = twelve["3A"], twelve["1B"]
    light = leak(a.wavelength, b.wavelength, b.flux, shipped.leak_fraction(path))
    if light is not ...:
        excess = leak_excess(a.wavelength, a.flux)
        figures.spectral_leak(a, light, excess, shipped.is_simulated([path]))

# %% [markdown]
# ## 11 · The whole range: why channels do not join
#
# The same twelve bands, as POINT and as EXTENDED. Within a channel the three sub-bands see the same field. From one
# channel to the next the nucleus goes on, but EXTENDED sums a larger field, with more galaxy in it: the figure gives
# the step at each border.

# %%
from mrskit.plotting import whole

if twelve:
    folder = shipped.shipped_folder()
    fields = [shipped.read_field(path).spectrum for path in shipped.spectra_files()]
    kinds = {"POINT: the nucleus": list(twelve.values()), "EXTENDED: each channel's field": fields}
    made_up = shipped.is_simulated(folder.glob("*.fits"))
    whole.joins(kinds, "All bands of the program", "05-joins", made_up)
    within = [ratio for pair, (_, ratio) in steps(kinds["POINT: the nucleus"]).items() if pair[0] == pair[3]]
    print(f"the nucleus within the channels: steps of a factor {min(within):.2f} to {max(within):.2f}")
else:
    print("This copy of the course comes without the spectra of all bands.")

# %% [markdown]
# The steps are smaller than the ratio of the areas, because the galaxy fades outwards: only a uniform source would
# jump by your whole `area_ratio`. And they differ from border to border, large where the disk shines in a PAH feature
# (7.6 and 11.6 µm), small at 18 µm, where the nucleus outshines it. So no constant factor puts such spectra together.
#
# Steps of about 2 % *within* a channel are another matter: the conversion of each sub-band is known to some percent
# only. (In this simulation the instrument differs from the reference files by 1 %, upwards or downwards.) And spikes of
# one plane at the ends of bands come from planes that only a part of the field reaches.

# %% [markdown]
# ## What you can do now
#
# - Read an association of stage 3: calibrated images and background spectra.
# - Say what outlier detection flags, and find its flags in the data quality.
# - Turn MJy/sr into Jy and back.
# - Say how much worse one spaxel is than an aperture, and what dithers do about it.
# - Choose between no, pixel, master and annulus background by bias and noise.
# - Explain why `x1d` spectra of an extended source do not join, extract your own that do, and correct the leak.
#
# **Next:** lesson 06 measures lines in these cubes.

# %%
answers.summary()
