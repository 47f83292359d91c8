"""Executable lessons in the calibration of JWST MIRI MRS data, on raw exposures with known truth."""

import sys

__version__ = "0.1.0"

# jsonschema, which notebooks and the pipeline import, would compile a grammar for addresses in any script: 1.5 s in
# each process. Without that package it leaves out a check that no schema of theirs asks for.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it cannot be imported
