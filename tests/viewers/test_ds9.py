"""SAOImage DS9 gets the right arguments, and really shows slices and the nucleus where it is installed."""

import os
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from astropy.io import fits
from PIL import Image

from mrskit.analysis import regions
from mrskit.errors import ViewerError
from mrskit.products import read_cube
from mrskit.viewers import content, ds9


def arguments(line, option):
    """Return the words after each appearance of an option, up to the next one."""
    found, words = [], None
    for word in line:
        if word.startswith("-") and not word.lstrip("-").replace(".", "").isdigit():
            words = [] if word == option else None
            found += [words] if words is not None else []
        elif words is not None:
            words.append(word)
    return [" ".join(words) for words in found]


def test_a_ramp_is_opened_on_its_third_axis_at_the_last_but_one_group(products):
    line = ds9.command([content.read(products["uncal"])])
    assert f"{products['uncal']}[SCI]" in line
    assert arguments(line, "-cube") == ["axis 3", "5"]  # DS9 counts from 1
    assert arguments(line, "-scale")[0] == "linear"
    assert "SIMULATED" in arguments(line, "-title")[0]


def test_an_image_has_no_cube_axis_and_a_cube_opens_at_its_line(products):
    assert arguments(ds9.command([content.read(products["rate"])]), "-cube") == []
    line = ds9.command([content.read(products["s3d"])])
    assert arguments(line, "-cube") == ["axis 3", "31"]
    assert arguments(line, "-scale")[0] == "asinh"


def test_two_products_have_linked_frames_with_the_same_limits(products):
    both = [content.read(products["uncal"])] * 2
    line = ds9.command(both)
    low_high = {words for words in arguments(line, "-scale") if words.startswith("limits")}
    assert len(low_high) == 1 and "lock image" in arguments(line, "-frame") and "lock image" in arguments(line, "-cube")
    assert arguments(line, "-tile") and not arguments(line, "-blink")
    blinking = ds9.command(both, blink=True)
    assert arguments(blinking, "-blink") == ["yes", "interval 1"] and not arguments(blinking, "-tile")


def test_a_spectrum_is_not_for_ds9(products):
    with pytest.raises(ViewerError, match=r"a_x1d\.fits: DS9 shows images"):
        ds9.command([content.read(products["x1d"])])


def test_without_ds9_the_error_names_the_package(products, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ViewerError, match="apt-get install saods9"):
        ds9.open_ds9([products["rate"]])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X displays are looked for on Linux alone")
def test_without_a_display_the_error_says_so(products, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/true")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(ViewerError, match="DISPLAY is not set"):
        ds9.open_ds9([products["rate"]])


def test_a_ds9_that_stops_at_once_is_reported_with_what_it_said(products, monkeypatch, tmp_path):
    program = tmp_path / "ds9"
    program.write_text("#!/bin/sh\necho no such display\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("DISPLAY", ":0")
    with pytest.raises(ViewerError, match=r"exit code 3\): no such display"):
        ds9.open_ds9([products["rate"]])


@pytest.fixture
def screen(monkeypatch, tmp_path):
    """A function that photographs a virtual screen with a small window manager; skipped where programs are missing."""
    programs = {"ds9": "saods9", "Xvfb": "xvfb", "xwd": "x11-apps", "openbox": "openbox", "convert": "imagemagick"}
    missing = [package for program, package in programs.items() if shutil.which(program) is None]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}: apt-get install {' '.join(missing)}")
    reading, writing = os.pipe()
    server = subprocess.Popen(["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x960x24"],
                              pass_fds=[writing], stderr=subprocess.DEVNULL)  # fmt: skip
    display = ":" + os.read(reading, 16).decode().strip()
    monkeypatch.setenv("DISPLAY", display)
    manager = subprocess.Popen(["openbox"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def photograph():
        dump, picture = tmp_path / "screen.xwd", tmp_path / "screen.png"
        subprocess.run(["xwd", "-root", "-silent", "-out", dump], check=True)
        subprocess.run(["convert", f"xwd:{dump}", picture], check=True)
        return np.asarray(Image.open(picture).convert("RGB")).astype(int)

    yield photograph
    for process in (manager, server):
        process.terminate()
        process.wait(10)


def yellow(picture):
    """Return which pixels have the colour of the highest values (viridis), and which that of the lowest."""
    red, green, blue = np.moveaxis(picture, -1, 0)
    return (red > 200) & (green > 200) & (blue < 90), (red < 90) & (green < 40) & (blue > 50) & (blue < 130)


def test_ds9_really_shows_the_bright_column_of_a_ramp(screen, products):
    process = ds9.open_ds9([products["uncal"]])
    try:
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            bright, dark = yellow(screen())
            if dark.sum() > 20_000:
                break
            time.sleep(1)
        assert dark.sum() > 20_000, "no image is seen"
        rows = dark.sum(axis=1) > 0.5 * dark.sum(axis=1).max()  # the colour bar and the panner are left out
        across = np.flatnonzero(dark[rows].sum(axis=0) > 0.2 * rows.sum())
        columns = np.flatnonzero(bright[rows].sum(axis=0) > 0.5 * rows.sum())
        first, last = (across[0], across[-1] + 1) if across.size else (0, 1)
        place = (columns.mean() + 0.5 - first) / (last - first) * 30
        assert place == pytest.approx(9.5, abs=0.5), "the bright column is not where it should be"
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.parametrize("system", ["wcs", "image", "physical"])
def test_regions_that_ds9_itself_saves_come_back_with_their_areas(screen, tmp_path, system):
    header = {"CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CTYPE3": "WAVE", "CUNIT3": "um", "CRPIX1": 26, "CRPIX2": 26,
              "CRPIX3": 1, "CRVAL1": 339.0, "CRVAL2": 34.0, "CRVAL3": 5.0, "CDELT1": -0.13 / 3600,
              "CDELT2": 0.13 / 3600, "CDELT3": 0.001, "CUNIT1": "deg", "CUNIT2": "deg", "BUNIT": "MJy/sr"}  # fmt: skip
    sci = fits.ImageHDU(np.ones((8, 51, 51), np.float32), name="SCI")
    sci.header.update(header)
    fits.HDUList([fits.PrimaryHDU(), sci, fits.ImageHDU(0.1 * sci.data, name="ERR")]).writeto(tmp_path / "a_s3d.fits")
    drawn = {"circle(339,34,0.6\")": np.pi * 0.36, 'ellipse(339,34,1",0.5",30)': np.pi * 0.5,
             'box(339,34,1.2",0.8",20)': 0.96, 'annulus(339,34,0.5",1")': np.pi * 0.75,
             'ellipse(339,34,0.5",0.3",1",0.6",10)': np.pi * 0.45}  # fmt: skip
    (tmp_path / "drawn.reg").write_text("fk5\n" + "\n".join(drawn))
    saved = tmp_path / "saved.reg"
    orders = ["-regions", "load", tmp_path / "drawn.reg", "-regions", "format", "ds9", "-regions", "system", system,
              "-regions", "sky", "fk5", "-regions", "skyformat", "sexagesimal", "-regions", "save", saved]  # fmt: skip
    subprocess.run(["ds9", f"{tmp_path / 'a_s3d.fits'}[SCI]", *orders, "-exit"], check=True, timeout=60)
    cube = read_cube(tmp_path / "a_s3d.fits")
    found = regions.read_regions(saved, cube)
    areas = [regions.region_weights(cube, region).sum() * 0.13**2 for region in found.values()]
    assert areas == pytest.approx(list(drawn.values()), rel=0.02)
