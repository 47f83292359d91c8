"""
The simulated instrument: the reference files of the active CRDS context, changed by stated errors.

As in reality, the references are estimates of the instrument. `mrskit.simulate.imperfections` defines how far the
simulated instrument differs from them. With all departures at zero the pipeline's references are exact.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mrskit.bands import Setting
from mrskit.errors import ReferenceCacheError
from mrskit.kept import digests
from mrskit.references.choice import choose

# Reference types that the simulator reads; if a type in the second group is N/A, its effect is not simulated.
NEEDED = (
    "photom", "flat", "fringe", "linearity", "mask", "dark", "gain", "readnoise", "saturation",
    "distortion", "specwcs", "regions", "wavelengthrange",
)  # fmt: skip
OPTIONAL = ("mrsxartcorr", "reset", "rscd", "mrsptcorr")
DATE_OBS = "2022-07-04"  # date of the simulated program; reference files are chosen for this day


def reference_files(setting: Setting) -> dict[str, Path]:
    """
    Return the reference files that the active CRDS context selects for a setting, without N/A types.

    Raises
    ------
    ReferenceCacheError
        If the context has no answer or lacks a type that the simulator needs, or a file is missing.
    """
    import crds

    keys = {
        "META.INSTRUMENT.NAME": "MIRI", "META.INSTRUMENT.DETECTOR": setting.detector,
        "META.INSTRUMENT.CHANNEL": setting.channels, "META.INSTRUMENT.BAND": setting.subband,
        "META.EXPOSURE.TYPE": "MIR_MRS", "META.EXPOSURE.READPATT": "FASTR1", "META.SUBARRAY.NAME": "FULL",
        "META.OBSERVATION.DATE": DATE_OBS, "META.OBSERVATION.TIME": "12:00:00", "META.INSTRUMENT.FILTER": "N/A",
    }  # fmt: skip
    remedy = f"Run 'mrskit references --settings {setting.name}'."
    try:
        choices = {item.kind: item for item in choose(keys, NEEDED + OPTIONAL)}
        chosen = [kind for kind, item in choices.items() if item.chosen]
        found = crds.getreferences(keys, reftypes=chosen, observatory="jwst") if chosen else {}
    except Exception as error:  # crds raises a dozen unrelated classes
        raise ReferenceCacheError(
            f"the CRDS context has no reference files for {setting.name} ({type(error).__name__}: {error}). {remedy}",
            setting=setting,
        ) from error
    files = {kind: Path(path) for kind, path in found.items()}
    for kind, item in choices.items():
        if item.lacking or (kind in NEEDED and not (kind in files and files[kind].is_file())):
            said = files.get(kind) or item.why or item.state
            raise ReferenceCacheError(
                f"no {kind} reference for {setting.name} (found: {said}). {remedy}", setting=setting, kind=kind
            )
    return files


def read_reference(path: Path, extension: str = "SCI") -> np.ndarray:
    """
    Return the image or table of one extension of a reference file, in native byte order.

    Raises
    ------
    ReferenceCacheError
        If the file does not have this extension or is not a FITS file.
    """
    from astropy.io import fits

    try:
        with fits.open(path, memmap=False) as hdus:
            data = np.asarray(hdus[extension].data)
    except (KeyError, OSError, TypeError) as error:
        raise ReferenceCacheError(
            f"{path}: no extension {extension} ({error}); expected a reference file of jwst 3.0.0. "
            "Delete the file and run 'mrskit references'.", path=path,
        ) from error  # fmt: skip
    return data.astype(data.dtype.newbyteorder("="))


def references_digest(files: dict[str, Path]) -> str:
    """Return twelve hexadecimal digits that change when the content of any of the files changes."""
    text = "".join(f"{kind}:{digests.of_file(path)}" for kind, path in sorted(files.items()))
    return digests.of_text(text)[:12]
