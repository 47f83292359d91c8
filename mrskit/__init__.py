"""Executable lessons on the calibration of JWST MIRI MRS data, with raw exposures whose truth is known."""

import sys

__version__ = "0.1.0"

# jsonschema, which notebooks and the pipeline import, would compile a grammar for addresses in any script: 1.5 s in
# each process. Without that package it omits a check that none of their schemas use.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it cannot be imported
