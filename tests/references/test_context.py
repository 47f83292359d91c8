"""The rules of the active context select the kit's own reference files."""

import pytest
from astropy.io import fits

from mrskit.references import context


def test_the_rules_name_a_file_of_each_type_and_none_where_there_is_none(references, tmp_path):
    path = tmp_path / "jw02732004001_02101_00001_mirifushort_uncal.fits"
    primary = fits.PrimaryHDU()
    primary.header.update({
        "TELESCOP": "JWST", "INSTRUME": "MIRI", "DETECTOR": "MIRIFUSHORT", "CHANNEL": "12", "BAND": "SHORT",
        "EXP_TYPE": "MIR_MRS", "READPATT": "FASTR1", "SUBARRAY": "FULL", "DATE-OBS": "2022-07-02",
        "TIME-OBS": "12:00:00",
    })  # fmt: skip
    primary.writeto(path)
    found = context.selected(path, ("dark", "mask", "no-such-type"))
    assert found["dark"].startswith("jwst_miri_dark") and found["mask"].startswith("jwst_miri_mask")
    assert found["no-such-type"] == "none"
    assert list(found) == ["dark", "mask", "no-such-type"]


@pytest.fixture(autouse=True)
def own_rules(references):
    """The references of the session are active."""
    from mrskit.references import own_cache

    own_cache.activate(references)
