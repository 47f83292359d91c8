"""The CRDS rules of the cache: context, instrument and reference mappings with checksums, and the server's answers."""

from __future__ import annotations

import hashlib
import pprint
from collections.abc import Iterable
from pathlib import Path

from mrskit.bands import SETTINGS
from mrskit.references.own_cache import CONTEXT, mapping_folder
from mrskit.simulate.references import detector, mode
from mrskit.workspace import write_text

IMAP = "jwst_miri_9001.imap"
OTHER_INSTRUMENTS = ("FGS", "NIRCAM", "NIRISS", "NIRSPEC")
SINCE = "2022-01-01 00:00:00"  # every file is for exposures after this date

_DETECTOR = ("META.INSTRUMENT.DETECTOR",)
_READOUT = (*_DETECTOR, "META.EXPOSURE.READPATT", "META.SUBARRAY.NAME")
_BAND = (*_DETECTOR, "META.INSTRUMENT.BAND")
_SETTING = (*_DETECTOR, "META.INSTRUMENT.CHANNEL", "META.INSTRUMENT.BAND")
_MODE = ("META.EXPOSURE.TYPE",)

# Header keywords by which each type is selected, as in the operational JWST context.
SELECTORS: dict[str, tuple[str, ...]] = {
    "mask": (*_DETECTOR, "META.SUBARRAY.NAME"),
    "saturation": _DETECTOR, "gain": _DETECTOR, "rscd": _DETECTOR,
    "reset": _READOUT, "dark": _READOUT, "readnoise": _READOUT,
    "linearity": _BAND, "fringe": _BAND,
    "flat": _SETTING, "photom": _SETTING, "distortion": _SETTING, "specwcs": _SETTING, "regions": _SETTING,
    "wavelengthrange": _MODE, **dict.fromkeys(mode.TYPES, _MODE),
}  # fmt: skip

_VALUES = {
    "META.EXPOSURE.READPATT": lambda setting: detector.READOUT,
    "META.SUBARRAY.NAME": lambda setting: "FULL",
    "META.EXPOSURE.TYPE": lambda setting: "MIR_MRS",
    "META.INSTRUMENT.DETECTOR": lambda setting: setting.detector,
    "META.INSTRUMENT.CHANNEL": lambda setting: setting.channels,
    "META.INSTRUMENT.BAND": lambda setting: setting.subband,
}

# Every reference type that a step of jwst 3.0.0 lists, and the steps and pipelines that have a parameter reference
# ("pars-" and the name). CRDS refuses a type that the instrument mapping does not name: those without a file are N/A.
TYPES = """
    abvegaoffset apcorr area barshadow bkg camera chromcorr collimator cubepar dark dflat disperser distortion
    emicorr extract1d fflat filteroffset flat fore fpa fringe fringefreq gain ifufore ifupost ifuslicer ipc
    linearity mask mrsptcorr mrsxartcorr msa msaoper nrm ote pastasoss pathloss photom pictureframe psf psfmask
    readnoise refpix regions reset rscd saturation sflat sirskernel speckernel specprofile specwcs superbias
    throughput wavecorr wavelengthrange
""".split()
PARAMETER_TYPES = """
    adaptivetracemodelstep alignrefsstep amianalyzestep aminormalizestep assignmtwcsstep assignwcsstep
    backgroundstep badpixselfcalstep barshadowstep chargemigrationstep cleanflickernoisestep combine1dstep
    cubebuildstep darkcurrentstep detector1pipeline dqinitstep emicorrstep extract1dstep extract2dstep
    firstframestep flatfieldstep fringestep gainscalestep groupscalestep guidercdsstep hlspstep imprintstep
    ipcstep jumpstep klipstep lastframestep linearitystep masterbackgroundmosstep masterbackgroundstep
    msaflagopenstep outlierdetectionstep pathlossstep persistencestep photomstep pictureframestep
    pixelreplacestep rampfitstep refpixstep resamplespecstep resamplestep resetstep residualfringestep rscdstep
    saturationstep skymatchstep sourcecatalogstep sourcetypestep spec2pipeline spec3pipeline spectralleakstep
    stackrefsstep straylightstep superbiasstep targcentroidstep tsophotometrystep tweakregstep wavecorrstep
    wfscombinestep wfsscontamstep whitelightstep
""".split()


def write(folder: Path, files: dict[str, dict[str, str]], crds_version: str) -> None:
    """
    Write every mapping and the cached server configuration of a cache.

    Each file is replaced in one step and the rules only ever grow, so that a reader finds a consistent set at any time.

    Parameters
    ----------
    folder : Path
        The cache.
    files : dict
        Setting name -> reference type -> file name.
    crds_version : str
        Recorded in the server configuration.
    """
    place = mapping_folder(folder)
    rules: dict[str, dict[tuple[str, ...], str]] = {}
    for name, entries in files.items():
        for reftype, file_name in entries.items():
            key = tuple(_VALUES[keyword](SETTINGS[name]) for keyword in SELECTORS[reftype])
            rules.setdefault(reftype, {})[key] = file_name
    for reftype, rule in rules.items():
        write_text(place / _rmap(reftype), _reference_mapping(reftype, rule))
    missing = sorted(requested_types() - set(rules))
    selector = {reftype: _rmap(reftype) for reftype in sorted(rules)} | dict.fromkeys(missing, "N/A")
    head = _head("INSTRUMENT", IMAP, instrument="MIRI", parkey=("REFTYPE",))
    write_text(place / IMAP, with_checksum(head, _plain(selector)))
    head = _head("PIPELINE", CONTEXT, parkey=("META.INSTRUMENT.NAME",))
    selector = {"MIRI": IMAP} | dict.fromkeys(OTHER_INSTRUMENTS, "N/A")
    write_text(place / CONTEXT, with_checksum(head, _plain(selector)))
    _write_configuration(folder, crds_version)


def requested_types() -> set[str]:
    """Return every reference type, parameter files included, that a step of the pipelines can ask for."""
    return {*TYPES, *(f"pars-{name}" for name in PARAMETER_TYPES)}


def with_checksum(header: dict, selector: str) -> str:
    """Return the text of a mapping whose ``sha1sum`` is that of the text without the line that holds it."""
    blank = "0" * 40
    text = f"header = {pprint.pformat(header | {'sha1sum': blank}, width=160)}\n\nselector = {selector}\n"
    rest = "".join(line for line in text.splitlines(keepends=True) if "sha1sum" not in line)
    return text.replace(blank, hashlib.sha1(rest.encode(), usedforsecurity=False).hexdigest())


def _rmap(reftype: str) -> str:
    return f"jwst_miri_{reftype}_9001.rmap"


def _head(mapping: str, name: str, **entries: object) -> dict:
    origin = {"observatory": "JWST", "derived_from": "mrskit", "description": "synthetic references for teaching"}
    return {"mapping": mapping, "name": name} | origin | entries


def _plain(selector: dict[str, str]) -> str:
    return "{\n" + "".join(f"    {key!r} : {value!r},\n" for key, value in selector.items()) + "}"


def _reference_mapping(reftype: str, rule: dict[tuple[str, ...], str]) -> str:
    kind = reftype if reftype.startswith("pars-") else reftype.upper()
    head = _head(
        "REFERENCE", _rmap(reftype), instrument="MIRI", filekind=kind, filetype=kind, classes=("Match", "UseAfter"),
        parkey=(SELECTORS[reftype], ("META.OBSERVATION.DATE", "META.OBSERVATION.TIME")), suffix=reftype,
        text_descr=reftype, file_ext=Path(next(iter(rule.values()))).suffix,
    )  # fmt: skip
    return with_checksum(head, "Match({\n" + "".join(_case(*item) for item in sorted(rule.items())) + "})")


def _case(values: Iterable[str], file_name: str) -> str:
    return f"    {tuple(values)!r} : UseAfter({{\n        {SINCE!r} : {file_name!r},\n    }}),\n"


def _write_configuration(folder: Path, crds_version: str) -> None:
    """Write what CRDS would have cached of its server's answers."""
    info: dict[str, object] = {}
    info |= dict.fromkeys(("operational_context", "latest_context", "edit_context", "versions_context"), CONTEXT)
    info |= dict.fromkeys(("server", "reference_url", "mapping_url", "config_url", "pickle_url"), "none")
    info |= {
        "observatory": "jwst", "status": "cache", "connected": False, "bad_files": "", "bad_files_list": [],
        "force_remote_mode": False, "last_synced": SINCE, "crds_version": {"str": crds_version},
        "context_selector": "", "monitor_reprocessing": {},
        "mappings": sorted(path.name for path in mapping_folder(folder).glob("jwst_*")),
    }  # fmt: skip
    place = folder / "config" / "jwst"
    write_text(place / "server_config", pprint.pformat(info))
    write_text(place / "bad_files.txt", "")
    write_text(place / "ref_cache_subdir_mode", "instrument")
