"""Executable lessons in the calibration of JWST MIRI MRS data, on raw exposures with known truth."""

__version__ = "0.1.0"
