"""Small MRS files as an archive gives them: whole headers, arrays of zeros."""

import numpy as np
import pytest
from astropy.io import fits

TARGET = (339.0, 34.0)  # deg


def header(program=1523, observation=3, exposure=1, channel="12", band="SHORT", offset=(0.0, 0.0), **more):
    """Primary header of an exposure that points so many arcsec east and north of the target, and its pointing."""
    primary = fits.Header()
    primary.update({
        "TELESCOP": "JWST", "ORIGIN": "STSCI", "DATE": "2024-01-01T00:00:00", "TITLE": "A test",
        "PROGRAM": f"{program:05d}", "OBSERVTN": f"{observation:03d}", "VISIT": "001", "VISITGRP": "03", "SEQ_ID": "1",
        "ACT_ID": "02", "EXPOSURE": str(exposure), "BKGDTARG": False, "TARGPROP": "ARP220", "TARGNAME": "Arp 220",
        "TARGTYPE": "FIXED", "OBSLABEL": "MRS", "TARG_RA": TARGET[0], "TARG_DEC": TARGET[1], "INSTRUME": "MIRI",
        "DETECTOR": "MIRIFUSHORT" if channel == "12" else "MIRIFULONG", "CHANNEL": channel, "BAND": band,
        "EXP_TYPE": "MIR_MRS", "READPATT": "FASTR1", "NGROUPS": 2, "NINTS": 1, "EFFEXPTM": 5.55, "PATT_NUM": exposure,
        "NUMDTHPT": 4,
    } | more)  # fmt: skip
    ra = primary["TARG_RA"] + offset[0] / 3600 / np.cos(np.deg2rad(primary["TARG_DEC"]))
    return primary, {"RA_REF": ra, "DEC_REF": primary["TARG_DEC"] + offset[1] / 3600}


@pytest.fixture
def raw():
    """A function that writes a raw exposure under any name and returns its path."""

    def write(path, shape=(1, 2, 1024, 1032), **keywords):
        primary, pointing = header(**keywords)
        path.parent.mkdir(parents=True, exist_ok=True)
        sci = fits.ImageHDU(np.zeros(shape, np.uint16), fits.Header(pointing), name="SCI")
        table = fits.BinTableHDU(np.zeros(1, dtype=[("a", "i4")]), name="ASDF")
        fits.HDUList([fits.PrimaryHDU(header=primary), sci, table]).writeto(path)
        return path

    return write


@pytest.fixture
def product():
    """A function that writes a small product (rate, cal, s3d, x1d ...) and returns its path."""

    def write(path, kind, **keywords):
        primary, pointing = header(**keywords)
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "x1d":
            table = np.zeros(3, dtype=[("WAVELENGTH", "f8"), ("FLUX", "f8")])
            hdu = fits.BinTableHDU(table, name="EXTRACT1D")
        else:
            unit = {"rate": "DN/s", "rateints": "DN/s", "cal": "MJy/sr", "s3d": "MJy/sr", "crf": "MJy/sr"}[kind]
            axes = (2, 4, 4) if kind in ("rateints", "s3d") else (4, 4)
            cards = pointing | {"BUNIT": unit} | ({"CTYPE3": "WAVE"} if kind == "s3d" else {})
            hdu = fits.ImageHDU(np.zeros(axes, np.float32), fits.Header(cards), name="SCI")
        primary["S_RAMP"] = "COMPLETE"
        if kind in ("cal", "crf", "s3d", "x1d"):
            primary["S_PHOTOM"] = "COMPLETE"
        if kind == "crf":
            primary["S_OUTLIR"] = "COMPLETE"
        fits.HDUList([fits.PrimaryHDU(header=primary), hdu]).writeto(path)
        return path

    return write


@pytest.fixture
def pointed():
    """A function that returns one header with the pointing in it, as roles are decided by."""

    def make(**keywords):
        primary, pointing = header(**keywords)
        return dict(primary) | pointing

    return make
