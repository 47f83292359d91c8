"""Small raw exposures for the archive on loopback, and how patient its clients are."""

from __future__ import annotations

import numpy as np
from astropy.io import fits

from mrskit.fetch.archive import Patience

HASTY = Patience(attempts=4, first=0.02, timeout=5.0, connections=2)
ONCE = Patience(attempts=1, first=0.02, timeout=5.0, connections=1)
NAME = "jw02732004001_02101_00001_mirifushort_uncal.fits"


def raw_file(folder, name, dither=1, channel="12", band="SHORT", groups=2, background=False, **more):
    """Write a raw exposure of two groups, whole as far as the kit looks: header, SCI, a table ASDF."""
    primary = fits.PrimaryHDU()
    primary.header.update({
        "PROGRAM": name[2:7], "OBSERVTN": name[7:10], "VISITGRP": "02", "SEQ_ID": "1", "ACT_ID": "01",
        "INSTRUME": "MIRI", "EXP_TYPE": "MIR_MRS", "CHANNEL": channel, "BAND": band, "PATT_NUM": dither, "NUMDTHPT": 4,
        "NGROUPS": groups, "NINTS": 1, "READPATT": "FASTR1", "EFFEXPTM": 2.77504 * groups, "ORIGIN": "SIMULATED",
        "BKGDTARG": background, "TARG_RA": 339.0, "TARG_DEC": 34.0, "TARGPROP": "NGC-7319", "TITLE": "A test",
    } | more)  # fmt: skip
    ramp = np.random.default_rng(dither).integers(9000, 20000, (1, groups, 1024, 1032), dtype=np.uint16)
    table = fits.BinTableHDU(np.zeros(1, dtype=[("a", "i4")]), name="ASDF")
    path = folder / name
    fits.HDUList([primary, fits.ImageHDU(ramp, name="SCI"), table]).writeto(path)
    return path
