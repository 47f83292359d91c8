"""Names, headers and writing of the reference files of the cache."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asdf

from mrskit.bands import SUBBANDS, Setting
from mrskit.simulate.references.geometry import COLUMNS, ROWS
from mrskit.simulate.references.tables import AUTHOR, USEAFTER
from mrskit.workspace import replacing

EVERYWHERE = "9001"  # number of a file that all settings share
PEDIGREE = "SIMULATION"


def detector_number(setting: Setting) -> str:
    """Return the number in the names of files that the three settings of a detector share: 9012 or 9034."""
    return f"90{setting.channels}"


def setting_number(setting: Setting) -> str:
    """Return the number in the names of one setting's files: 9121, 9122, 9123, 9341, 9342 or 9343."""
    return f"9{setting.channels}{SUBBANDS.index(setting.subband) + 1}"


def name(reftype: str, number: str, suffix: str = "fits") -> str:
    """Return a file name as CRDS forms them."""
    return f"jwst_miri_{reftype}_{number}.{suffix}"


def save_model(model: Any, reftype: str, number: str, folder: Path, setting: Setting | None = None) -> str:
    """
    Fill in the header of a reference model, write it beside its place, rename it, and return its name.

    Parameters
    ----------
    model : stdatamodels.jwst.datamodels.ReferenceFileModel
        The model with its arrays.
    reftype : str
        CRDS reference type.
    number : str
        Number in the file name.
    folder : Path
        Where the file goes.
    setting : Setting, optional
        The setting it is for; of detector-wide files any setting of the detector.
    """
    meta = model.meta
    meta.telescope, meta.instrument.name, meta.reftype = "JWST", "MIRI", reftype.upper()
    meta.author, meta.pedigree, meta.useafter = AUTHOR, PEDIGREE, USEAFTER
    meta.description = f"Synthetic {reftype} reference, not made from flight data"
    wanted: dict[str, object] = {"exposure.type": "MIR_MRS", "instrument.detector": "N/A"}
    if setting is not None:
        wanted["instrument.detector"] = setting.detector
        wanted |= {f"subarray.{key}": value for key, value in _FULL.items()}
        if number == setting_number(setting):
            wanted |= {"instrument.channel": setting.channels, "instrument.band": setting.subband}
    for key, value in wanted.items():
        _set_where_known(meta, key, value)
    file_name = name(reftype, number)
    meta.filename = file_name
    with replacing(folder / file_name) as temporary:
        model.save(temporary)
    model.close()
    return file_name


_FULL = {"name": "FULL", "xstart": 1, "ystart": 1, "xsize": COLUMNS, "ysize": ROWS, "fastaxis": 1, "slowaxis": 2}


def _set_where_known(meta: Any, key: str, value: object) -> None:
    """Set an entry of the metadata if the model's schema has it."""
    group, entry = key.split(".")
    try:
        setattr(getattr(meta, group), entry, value)
    except AttributeError:
        return


def save_tree(
    tree: dict, reftype: str, number: str, folder: Path, model_type: str, setting: Setting | None = None, **meta: object
) -> str:
    """
    Write an ASDF reference file with its header and return its name.

    Short arrays stand inline, because jwst reads some of them after it has closed the file; ``regions`` is compressed.
    """
    file_name = name(reftype, number, "asdf")
    head = {
        "author": AUTHOR, "date": USEAFTER, "description": f"Synthetic {reftype} reference", "pedigree": PEDIGREE,
        "reftype": reftype, "telescope": "JWST", "useafter": USEAFTER, "model_type": model_type, "filename": file_name,
        "exposure": {"type": "MIR_MRS"}, "title": reftype,
        "instrument": {
            "name": "MIRI", "detector": setting.detector if setting else "N/A",
            "channel": setting.channels if setting else "N/A", "band": setting.subband if setting else "N/A",
        },
    }  # fmt: skip
    storage = {"all_array_compression": "zlib"} if reftype == "regions" else {"all_array_storage": "inline"}
    with replacing(folder / file_name) as temporary:
        asdf.AsdfFile({"meta": head | meta, **tree}).write_to(temporary, **storage)
    return file_name
