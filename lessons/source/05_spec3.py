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
# **Aims.** After this lesson you can read an association of stage 3, say what the master background is and what it
# costs in noise, turn surface brightness into flux, choose an aperture and know why, and explain why the extracted
# spectra of an extended source do not join from channel to channel.
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
scheduler = "local"  # "local" (two processes), "none", or the address of a dask scheduler

# %% [markdown]
# ## 1 · Start

# %%
from dataclasses import replace

import numpy as np
from astropy.io import fits

from mrskit import answers, plan, products
from mrskit.bands import Setting
from mrskit.plotting import style

space = answers.begin(
    "05_spec3", workspace, use_ch=use_ch, use_band=use_band, stages=stages, stages_bg=stages_bg, pixel_bg=pixel_bg,
    master_bg=master_bg, start_from=start_from, data_source=data_source, scheduler=scheduler,
)  # fmt: skip
style.use(space)

# %% [markdown]
# The two bands of your setting are called `blue` and `red` in what follows; `centre` is the place of the nucleus.

# %%
setting = Setting(use_ch, use_band)
blue, red = setting.bands  # the two bands of the setting, e.g. 1A and 2A
program = plan.program()
centre = program.target_ra, program.target_dec  # deg: the nucleus

# %% [markdown]
# ## 2 · Run stage 3
#
# One call. Inside, the steps are: `master_background` → `outlier_detection` (pixels that disagree with their
# neighbours in all exposures) → `pixel_replace` (fills bad pixels from their neighbours) → `cube_build` →
# `extract_1d` → `spectral_leak`. It takes a minute or two the first time.

# %%
from mrskit.pipeline import stages as pipeline

options = pipeline.Options(pixel_background=pixel_bg, master_background=master_bg, scheduler=scheduler)
if "3" in stages and start_from != "s3d":
    made = pipeline.spec3(space, setting, options=options)
    print("\n".join(path.name for path in made))

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
import json

name = f"Level3_ch{use_ch}-{use_band.lower()}_asn.json"
association = json.loads((space.stage("source", "stage3") / name).read_text())
for member in association["products"][0]["members"]:
    print(f"{member['exptype']:<12}{member['expname']}")

# %% [markdown]
# > **Exercise `05-asn-members`.** How many members of each kind are there? Give `asn_members`, an array of two whole
# > numbers: first `science`, then `background`.

# %% tags=["answer"] exercise="05-asn-members"
asn_members = ...  # [number of science members, number of background members]
# solution begin
kinds = [member["exptype"] for member in association["products"][0]["members"]]
asn_members = np.array([kinds.count("science"), kinds.count("background")])
# solution end
answers.give("05-asn-members", asn_members)

# %% [markdown]
# ## 4 · The master background
#
# NGC 7319 is larger than the field of view: nowhere in the cube is there empty sky. So the telescope looked at an
# empty field too, twice, and stage 2 extracted one spectrum per background exposure and channel. Stage 3 averages
# them into **one spectrum**, the master background, evaluates it at the wavelength of each detector pixel, and
# subtracts it from the `cal` images.

# %%
background_files = sorted(space.stage("background", "stage2").glob("*x1d.fits"))
levels = {}
for path in background_files:
    spectrum = products.read_spectrum(path)
    if spectrum.band in setting.bands:
        brightness = fits.getdata(path, "EXTRACT1D")["BACKGROUND"].astype(float)  # MJy/sr
        dither = fits.getval(path, "PATT_NUM")
        levels[f"dither {dither} # {spectrum.band.name}"] = replace(spectrum, flux=brightness, unit="MJy/sr")

# %% [markdown]
# One plane of such a spectrum is noisy, so the figure shows averages over 25 planes.

# %%
from scipy.ndimage import uniform_filter1d

from mrskit.plotting import spectra

simulated = fits.getval(background_files[0], "ORIGIN") == products.SIMULATED
smooth = {name: replace(item, flux=uniform_filter1d(item.flux, 25)) for name, item in levels.items()}
spectra.curves(
    smooth, "The empty field, averages over 25 planes", "05-background",
    "Surface brightness of the empty field against wavelength, two dithers: near zero and uncertain at the short end, "
    "some MJy/sr and rising at the long end.", simulated, ylabel="Surface brightness (MJy/sr)",
)  # fmt: skip

# %% [markdown]
# Zodiacal light and the telescope's own heat rise steeply with wavelength. Below 7 µm the sky gives *less than the
# dark current*: what you see there is mostly what the dark subtraction got wrong, and it differs from exposure to
# exposure.
#
# > **Exercise `05-master-kind`.** How is the master background made from a background exposure? Give the letter as
# > `master_kind`.
# >
# > - `"a"`: the median of all spaxels of the field, at each wavelength
# > - `"b"`: the sigma-clipped mean over the whole field, at each wavelength, then averaged over the exposures
# > - `"c"`: the median of the exposures, pixel by pixel on the detector
# > - `"d"`: the mean of an annulus about the brightest source

# %% tags=["answer"] exercise="05-master-kind"
master_kind = ...  # "a", "b", "c" or "d"
# solution begin
master_kind = "b"
# solution end
answers.give("05-master-kind", master_kind)

# %% [markdown]
# In the `x1d` table of an extended field the column `SURF_BRIGHT` holds the plain mean and `BACKGROUND` the mean
# after clipping at 3 σ. Stage 3 takes the second, and so does `levels` above.
#
# > **Exercise `05-background-level`.** How bright is the background in the middle of the **redder** band of your
# > setting? Take each of its spectra in `levels`, the mean within 0.1 µm of `middle`, and average the exposures. Give
# > `background_level` in MJy/sr; tolerance 3 %.

# %% tags=["answer"] exercise="05-background-level"
middle = (red.wavelength_min + red.wavelength_max) / 2  # um
background_level = ...  # MJy/sr
# solution begin
own = [item for item in levels.values() if item.band == red]
background_level = np.mean([np.nanmean(item.flux[abs(item.wavelength - middle) < 0.1]) for item in own])
# solution end
answers.give("05-background-level", background_level, unit="MJy/sr")

# %% [markdown]
# ### What a background costs
#
# The spectrum of a whole field has little noise: hundreds of spaxels are averaged. (What noise it has is the same in
# all spaxels of a plane.) A pixel-by-pixel background is another matter, and worse in a cube than in one exposure
# (lesson 04): **all** science exposures get the **same** background image subtracted, so its noise does not average
# down with the dithers.
#
# > **Exercise `05-cube-noise`.** `n` science exposures and `m` background exposures are all equally deep. By which
# > factor is the noise of a faint spaxel in the cube larger with pixel-by-pixel subtraction than without? Put in
# > *your* numbers of exposures. Give `cube_noise`; tolerance 1 %.

# %% tags=["answer"] exercise="05-cube-noise"
cube_noise = ...  # noise with pixel-by-pixel subtraction / noise without
# solution begin
n = len(products.find(space.stage("source", "stage2"), "cal", setting))
m = len(products.find(space.stage("background", "stage2"), "cal", setting))
cube_noise = np.sqrt((1 / n + 1 / m) / (1 / n))
# solution end
answers.give("05-cube-noise", cube_noise)

# %% [markdown]
# ## 5 · The cubes
#
# Each band has a cube of its own: two places on the sky and one wavelength. The sampling differs from channel to
# channel, because slices and pixels do.

# %%
paths = sorted(space.stage("source", "stage3").glob("*_s3d.fits"))
cubes = {cube.band.name: cube for cube in map(products.read_cube, paths) if cube.band in setting.bands}
for name, cube in cubes.items():
    print(f"{name}: shape {cube.flux.shape} (wavelengths, rows, columns), "
          f"{cube.wavelength[0]:.3f} to {cube.wavelength[-1]:.3f} µm")  # fmt: skip

# %% [markdown]
# The nucleus in the continuum, in a strong line of highly ionised gas, and in a line of molecular hydrogen. They do
# not look alike: you will measure how in lesson 06.

# %%
from mrskit.exercises.targets import band_of, targets
from mrskit.plotting import cubes as figures

lines = targets(setting)
shown = cubes[band_of(lines.ion, setting, program.redshift)]
shift = 1 + program.redshift
views = {"Continuum": lines.ion_rest * shift + 0.1, lines.ion[:-6]: lines.ion_rest * shift}
if band_of(lines.molecule, setting, program.redshift) == shown.band.name:
    views[lines.molecule[:-6]] = lines.molecule_rest * shift
figures.planes(shown, centre, views, "05-cube-planes")

# %% [markdown]
# > **Exercise `05-spaxel-size`.** How large is the side of a spaxel in the **redder** cube? Give `spaxel_size` in
# > arcsec; tolerance 1 %. (The header of the file knows; `cube.pixel_area` is in steradian.)

# %% tags=["answer"] exercise="05-spaxel-size"
spaxel_size = ...  # arcsec
# solution begin
spaxel_size = np.degrees(np.sqrt(cubes[red.name].pixel_area)) * 3600
# solution end
answers.give("05-spaxel-size", spaxel_size, unit="arcsec")

# %% [markdown]
# > **Exercise `05-velocity-step`.** How many km/s is one plane of the **bluer** cube, at its middle wavelength? Give
# > `velocity_step` in km/s; tolerance 2 %. The speed of light is 299792 km/s.

# %% tags=["answer"] exercise="05-velocity-step"
velocity_step = ...  # km/s
# solution begin
planes = cubes[blue.name].wavelength
velocity_step = 299792.458 * np.diff(planes)[0] / planes[len(planes) // 2]
# solution end
answers.give("05-velocity-step", velocity_step, unit="km/s")

# %% [markdown]
# ## 6 · From surface brightness to flux
#
# A cube holds surface brightness in MJy/sr. To add up spaxels, or to compare with a flux in Jy, multiply by the
# **solid angle of a spaxel** (keyword `PIXAR_SR`, here `cube.pixel_area`), and turn MJy into Jy.
#
# > **Exercise `05-spaxel-flux`.** Which flux density does the brightest spaxel of the **bluer** cube have, at the
# > plane in the middle (index `len(cube.wavelength) // 2`)? Give `spaxel_flux` in Jy; tolerance 1 %.

# %% tags=["answer"] exercise="05-spaxel-flux"
spaxel_flux = ...  # Jy
# solution begin
cube = cubes[blue.name]
brightest = np.nanmax(cube.flux[len(cube.wavelength) // 2])  # MJy/sr
spaxel_flux = brightest * 1e6 * cube.pixel_area
# solution end
answers.give("05-spaxel-flux", spaxel_flux, unit="Jy")

# %% [markdown]
# ## 7 · One spaxel is not enough
#
# The point-spread function of the telescope is hardly wider than a slice: in channels 1 and 2 it is **undersampled**.
# The share of light that a spaxel gets depends on where the nucleus fell with respect to slices and pixels, and
# because the slices are bowed on the detector, this changes with wavelength. The spectrum of a single spaxel waves up
# and down, although the source does not. In an aperture that is larger than the PSF the waves cancel.

# %%
from mrskit.analysis.spectra import aperture_spectrum, continuum, spaxel_spectrum

cube = cubes[blue.name]
collapsed = np.median(np.nan_to_num(cube.flux), axis=0)  # 0 where there is no value
y, x = np.unravel_index(np.argmax(collapsed), collapsed.shape)
single = spaxel_spectrum(cube, x, y)
aperture = aperture_spectrum(cube, *centre, radius=0.5)
print(f"brightest spaxel of {blue.name}: x = {x}, y = {y}")

# %% [markdown]
# Both spectra, divided by a smooth continuum. The tall peaks are emission lines.

# %%
spectra.ratios(
    {"brightest spaxel": (single, continuum(single, program.redshift)),
     "aperture of 0.5 arcsec radius": (aperture, continuum(aperture, program.redshift))},
    f"{blue.name}: one spaxel against an aperture", "05-single-spaxel",
    "Two spectra divided by their continua: the single spaxel waves up and down by some percent, the aperture less.",
    cube.simulated,
)  # fmt: skip

# %% [markdown]
# > **Exercise `05-spaxel-scatter`.** By how many percent does the **single spaxel** scatter about its continuum?
# > Divide the spectrum by `continuum(single, program.redshift)` and take half the distance between the 16th and the
# > 84th percentile (`np.nanpercentile`; emission lines hardly count there). Give `spaxel_scatter` in percent;
# > tolerance 5 % of the value.

# %% tags=["answer"] exercise="05-spaxel-scatter"
spaxel_scatter = ...  # percent
# solution begin
ratio = single.flux / continuum(single, program.redshift)
low, high = np.nanpercentile(ratio, (16, 84))
spaxel_scatter = 100 * (high - low) / 2
# solution end
answers.give("05-spaxel-scatter", spaxel_scatter, unit="percent")

# %% [markdown]
# ### How bright is the nucleus?
#
# Now use the aperture for a measurement that can be checked against the truth, because the sky was simulated.
#
# > **Exercise `05-nucleus-flux`.** What is the flux density of the nucleus within 0.5 arcsec of `centre`, in the
# > **bluer** band? Take the median of the aperture's spectrum within 0.1 µm of the middle of the band. Give
# > `nucleus_flux` in **mJy**. It is compared with the simulated sky in the same aperture; tolerance 5 %.

# %% tags=["answer"] exercise="05-nucleus-flux"
middle_blue = (blue.wavelength_min + blue.wavelength_max) / 2  # um
nucleus_flux = ...  # mJy
# solution begin
near = abs(aperture.wavelength - middle_blue) < 0.1
nucleus_flux = 1e3 * np.nanmedian(aperture.flux[near])
# solution end
answers.give("05-nucleus-flux", nucleus_flux, unit="mJy")

# %% [markdown]
# ## 8 · Why the extracted spectra do not join
#
# The pipeline extracts spectra too: the `x1d` files. For a *point* source it uses an aperture that grows with the
# PSF, subtracts an annulus and corrects for the lost light. But our dither pattern was "optimised for EXTENDED
# SOURCE", and so stage 2 set `SRCTYPE` to `EXTENDED`. Then `extract_1d` **adds up the whole field of view**. The
# settings `ifu_autocen`, the annulus, the aperture correction and the correction of the spectral leak do nothing at
# all.

# %%
files = sorted(space.stage("source", "stage3").glob("*_x1d.fits"))
extracted = {item.band.name: item for item in map(products.read_spectrum, files) if item.band in setting.bands}
own = {name: aperture_spectrum(cube, *centre, radius=0.5) for name, cube in cubes.items()}
curves = {f"x1d: sum over the field # {name}": item for name, item in extracted.items()}
curves |= {f"own aperture, 0.5 arcsec # {name}": item for name, item in own.items()}
spectra.curves(
    curves, "Extracted spectra against an aperture", "05-x1d",
    "The extracted spectra of the two bands lie far above those of the aperture; the aperture's continuum goes on "
    "smoothly from band to band, that of the extracted spectra does not.", simulated,
)  # fmt: skip

# %% [markdown]
# (What happens at 5.03 µm belongs to the bright spot of lesson 03: its pixels were saturated.)
#
# The column `NPIXELS` of the `x1d` table says how many spaxels went into the sum at each wavelength.
#
# > **Exercise `05-area-ratio`.** How many times larger is the **area on the sky** that the redder spectrum sums than
# > that of the bluer one? Take the median of `NPIXELS` times the area of a spaxel, in both bands. Give `area_ratio`;
# > tolerance 2 %.

# %% tags=["answer"] exercise="05-area-ratio"
tables = {products.read_spectrum(path).band.name: fits.getdata(path, "EXTRACT1D") for path in files}
area_ratio = ...  # area of the redder extraction / area of the bluer one
# solution begin
area = {name: np.nanmedian(tables[name]["NPIXELS"]) * cube.pixel_area for name, cube in cubes.items()}
area_ratio = area[red.name] / area[blue.name]
# solution end
answers.give("05-area-ratio", area_ratio)

# %% [markdown]
# So a uniform source would jump by that factor from channel to channel, though nothing is wrong with the calibration.
# For an extended source, extract the *same place with the same aperture* from every cube, as above.

# %% [markdown]
# ## 9 · Three backgrounds compared
#
# We can compare without running the pipeline again. The cube has the master background subtracted. Adding it back
# gives the cube without any background subtraction. And from that we can subtract what a ring about the nucleus
# shows, the *annulus* method.

# %%
from mrskit.analysis.backgrounds import annulus_background

cube = cubes[red.name]
master = np.mean([np.interp(cube.wavelength, item.wavelength, item.flux)
                  for item in levels.values() if item.band == red], axis=0)  # fmt: skip
ring = annulus_background(cube, *centre, inner=1.2, outer=1.6).level
with_master = aperture_spectrum(cube, *centre, radius=0.5)
with_nothing = aperture_spectrum(cube, *centre, radius=0.5, background=-master)
with_annulus = aperture_spectrum(cube, *centre, radius=0.5, background=ring)

# %% [markdown]
# The figure divides the spectra of the nucleus by the one with the master background.

# %%
spectra.ratios(
    {"no background subtracted": (with_nothing, with_master.flux),
     "annulus of 1.2 to 1.6 arcsec": (with_annulus, with_master.flux)},
    f"{red.name}: the nucleus with other backgrounds, over that with the master background", "05-three-backgrounds",
    "Two ratios to the spectrum with master background: without any subtraction it is one, but for a trace; with "
    "the annulus it lies below one by some percent, least in lines that only the nucleus emits.",
    cube.simulated, "Ratio to master",
)  # fmt: skip

# %% [markdown]
# The nucleus is so bright that the sky hardly matters in channel 2. But look at what the annulus does.
#
# > **Exercise `05-annulus-loss`.** By how many percent is the nucleus fainter with the annulus than with the master
# > background? Take the median over the whole band of `with_annulus.flux / with_master.flux`. Give `annulus_loss` in
# > percent (a positive number if light is lost); tolerance 0.5 percentage points.

# %% tags=["answer"] exercise="05-annulus-loss"
annulus_loss = ...  # percent
# solution begin
annulus_loss = 100 * (1 - np.nanmedian(with_annulus.flux / with_master.flux))
# solution end
answers.give("05-annulus-loss", annulus_loss, unit="percent")

# %% [markdown]
# The ring holds not only sky but also the galaxy's disk, its PAH emission and its lines; the annulus takes them for
# background.
#
# | method | where | good for | price |
# |---|---|---|---|
# | pixel by pixel | stage 2, detector | removing what is fixed on the detector | noise; needs background exposures |
# | master | stage 3, detector | faint extended sources: nearly no noise | what is fixed on the detector stays |
# | annulus | extraction, cube | point sources without background exposures | removes extended light of the source |
#
# > **Exercise `05-background-choice`.** You want the brightness of the faint **disk** of this galaxy in band 2A, and
# > you have background exposures as short as yours. Which background do you choose? Give the letter as
# > `background_choice`.
# >
# > - `"a"`: none; the sky is fainter than the dark current
# > - `"b"`: the annulus
# > - `"c"`: the master background
# > - `"d"`: the annulus and the master background, one after the other

# %% tags=["answer"] exercise="05-background-choice"
background_choice = ...  # "a", "b", "c" or "d"
# solution begin
background_choice = "c"
# solution end
answers.give("05-background-choice", background_choice)

# %% [markdown]
# ## What you can do now
#
# - Read an association of stage 3: calibrated images and background spectra.
# - Say what the master background is, how bright it is, and what each background method costs.
# - Turn MJy/sr into Jy and back.
# - Measure how much worse one spaxel is than an aperture.
# - Explain why `x1d` spectra of an extended source do not join, and extract your own that do.
#
# **Next:** lesson 06 measures lines in these cubes.
