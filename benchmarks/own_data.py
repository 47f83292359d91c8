"""
From a folder as people have it to fitted lines, in three commands, none with a path into the kit.

    python benchmarks/own_data.py WORKSPACE [--keep FOLDER]

WORKSPACE is simulated and reduced ('mrskit demo'). Its raw exposures of 12:SHORT become those of another program of the
observatory: a ``mastDownload`` tree whose headers say nothing of the kit, one file packed, one damaged, with previews.
The kit's reference files are taken for those of an observatory's CRDS: by CRDS_PATH, without the card that says whose.
What a user sees is printed. Then the rate and the cal files of that reduction are adopted as files of others and
reduced with --set, each setting to be found in the products, and raw exposures in SLOWR1, of which the references know
nothing, are to be refused before anything runs. The exit code is 1 where the redshift or the flux of a line is not
that of the simulation, a setting is not in the products, or SLOWR1 begins to run.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from astropy.io import fits

from mrskit.references import own_cache
from mrskit.simulate.truth import read_scene
from mrskit.workspace import Workspace, open_workspace

PROGRAM = 1523
_TRACES = ("SIMSCENE", "SIMVERS", "SIMPERF", "SDP_VER", "HISTORY")  # keywords of the kit
_SIGMAS, _FLUX = 3.0, 0.02  # of the redshift; relative, against the demo's own products of the same exposures
_C = 299792.458  # km/s
_SETTINGS = (  # what is adopted, the change, the product that tells it, a keyword of it and its value
    ("rate", "spec2.residual_fringe.skip=False", "Source/stage2/*_cal.fits", "S_RESFRI", "COMPLETE"),
    ("cal", "spec3.extract_1d.ifu_set_srctype=POINT", "Source/stage3/*_x1d.fits", "SRCTYPE", "POINT"),
)


def main() -> None:
    """Make the folder, give the three commands, compare."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--keep", type=Path, help="folder for everything, which is kept")
    arguments = parser.parse_args()
    space = open_workspace(arguments.workspace)
    folder = arguments.keep or Path(tempfile.mkdtemp(prefix="own-data-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _download(space, folder / "mastDownload" / "JWST")
        environment = os.environ | _crds(Path(space.card().references), folder / "crds")
        _command(["adopt", "mastDownload", "--out", "mine"], folder, environment)
        _command(["reduce", "mine", "--quiet"], folder, environment)
        redshift = read_scene(space).redshift
        search = ["--redshift", f"{redshift:.3f}"]
        _command(["lines", "mine/Source/stage3", *search], folder, environment)
        mine = _measured(folder / "mine" / "Source" / "stage3", search, environment)
        theirs = _measured(space.stage("source", "stage3"), search, environment)
        told = [_from_products(folder, environment, *case) for case in _SETTINGS] + [_slow(folder, environment)]
    finally:
        if arguments.keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(not (_agree(mine, theirs, redshift) and all(told)))


def _download(space: Workspace, folder: Path) -> None:
    """Write the exposures as an archive gives them: one folder each, headers of the observatory."""
    for role in ("source", "background"):
        for path in sorted(space.stage(role, "uncal").glob("*mirifushort_uncal.fits")):
            name = path.name.replace(path.name[2:7], f"{PROGRAM:05d}", 1)
            place = folder / name.removesuffix("_uncal.fits")
            place.mkdir(parents=True)
            with fits.open(path) as hdus:
                header = hdus[0].header
                for key in _TRACES:
                    header.remove(key, ignore_missing=True, remove_all=True)
                header.update({"ORIGIN": "STSCI", "PROGRAM": f"{PROGRAM:05d}", "BKGDTARG": False, "FILENAME": name})
                hdus.writeto(place / name)
            (place / name.replace("_uncal.fits", "_uncal.jpg")).write_bytes(b"preview")
    first = next(iter(sorted(folder.rglob("*.fits"))))
    with first.open("rb") as stream, gzip.open(f"{first}.gz", "wb", compresslevel=1) as out:
        shutil.copyfileobj(stream, out)
    first.unlink()
    (folder / "login_uncal.fits").write_text("<!DOCTYPE html><html>Log in to continue</html>")


def _from_products(folder: Path, environment: dict, kind: str, change: str, product: str, key: str, value: str) -> bool:
    """Reduce the rate or cal files of the first reduction with a change; return whether its products tell it."""
    stage, space = {"rate": "stage1", "cal": "stage2"}[kind], folder / f"from-{kind}"
    theirs = folder / f"their-{kind}"
    for role in ("Source", "Background"):
        for path in sorted((folder / "mine" / role / stage).glob("*_*.fits")):
            if path.name.endswith((f"_{kind}.fits", "_x1d.fits")):
                (theirs / role).mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, theirs / role / path.name)
    _command(["adopt", theirs.name, "--background", "5", "--out", space.name], folder, environment)
    _command(["reduce", space.name, "--quiet", "--set", change], folder, environment)
    found = sorted(space.glob(product))
    told = [(_keyword(path, key), f"mrskit --set {change.split('.', 1)[1]}" in str(fits.getheader(path).get("HISTORY")))
            for path in found]  # fmt: skip
    print(f"{kind}: {change}: {key} and history of {len(found)} products: {told}")
    return bool(found) and all(item == (value, True) for item in told)


def _keyword(path: Path, key: str) -> str:
    with fits.open(path) as hdus:
        return next((str(hdu.header[key]) for hdu in hdus if key in hdu.header), "")


def _slow(folder: Path, environment: dict[str, str]) -> bool:
    """Return whether exposures in SLOWR1 are refused before anything runs, with the readout in the message."""
    for path in sorted((folder / "mine" / "Source" / "uncal").glob("*.fits")):
        (folder / "slow").mkdir(exist_ok=True)
        shutil.copyfile(path, folder / "slow" / path.name)
        fits.setval(folder / "slow" / path.name, "READPATT", value="SLOWR1")
    _command(["adopt", "slow", "--out", "slow-mine"], folder, environment)
    start = time.monotonic()
    argv = [Path(sys.executable).with_name("mrskit"), "reduce", "slow-mine", "--quiet"]
    said = subprocess.run(argv, cwd=folder, env=environment, check=False, capture_output=True, text=True)
    seconds = time.monotonic() - start
    print(f"SLOWR1: exit code {said.returncode} after {seconds:.1f} s: {said.stderr.strip()}")
    made = list((folder / "slow-mine").glob("*/stage1/*.fits"))
    return said.returncode != 0 and "SLOWR1" in said.stderr and not made


def _crds(own: Path, folder: Path) -> dict[str, str]:
    """Copy the kit's references to where CRDS would keep the observatory's, and return the variables that name them."""
    shutil.copytree(own, folder, ignore=shutil.ignore_patterns(own_cache.CARD), dirs_exist_ok=True)
    return own_cache.environment(folder)


def _command(arguments: list[str], folder: Path, environment: dict[str, str]) -> None:
    start = time.monotonic()
    print(f"\n$ mrskit {' '.join(arguments)}", flush=True)
    subprocess.run([Path(sys.executable).with_name("mrskit"), *arguments], cwd=folder, env=environment, check=True)
    print(f"({time.monotonic() - start:.1f} s)", flush=True)


def _measured(spectra: Path, search: list[str], environment: dict[str, str]) -> dict:
    argv = [Path(sys.executable).with_name("mrskit"), "lines", spectra, *search, "--json"]
    return json.loads(subprocess.run(argv, env=environment, check=True, capture_output=True, text=True).stdout)


def _agree(mine: dict, theirs: dict, redshift: float) -> bool:
    """Print and return whether the redshift is the simulated one, and the brightest line that of the demo."""
    off = _C * (mine["redshift"] - redshift) / (1 + redshift)
    error = _C * mine["redshift_error"] / (1 + redshift)
    best = max((row for row in mine["lines"] if row["detected"]), key=lambda row: row["snr"])
    [other] = [row for row in theirs["lines"] if (row["line"], row["band"]) == (best["line"], best["band"])]
    print(f"\nredshift {mine['redshift']:.5f}, simulated {redshift:.5f}: {off:+.1f} ± {error:.1f} km/s")
    print(f"{best['line']}: flux {best['flux']:.4g}, of the demo's products {other['flux']:.4g} W/m2")
    return abs(off) < max(_SIGMAS * error, 10.0) and abs(best["flux"] / other["flux"] - 1) < _FLUX


if __name__ == "__main__":
    main()
