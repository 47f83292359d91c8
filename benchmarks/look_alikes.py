"""
The six lessons on exposures that look like the archive's: no mark of a simulation, no truth, another target.

    python benchmarks/look_alikes.py FOLDER [--kinds short,long,slow,point,whole] [--lessons 01,02,...]

Each kind is simulated once under another program, redshift, position and roll (what is in FOLDER already is kept). The
headers of the raw files then say STSCI and nothing of the kit, 'mrskit adopt' lays them out, and the references are
pinned as those of an observatory's CRDS. The solved lessons run with ``data_source="real"``. For each lesson the table
tells whether it ran to its end, how many exercises were judged and passed, and which ones the data cannot serve and
why. The exit code is 1 where a lesson stopped, or an answer of the solutions is judged wrong or not judged though
nothing says why the data cannot serve.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from astropy.io import fits
from rich.console import Console
from rich.table import Table

from mrskit import bands, plan
from mrskit.answering import judge
from mrskit.course import index
from mrskit.errors import MrskitError
from mrskit.references import own_cache
from mrskit.workspace import Workspace, open_workspace

REDSHIFT = 0.0163
TARGET, TURN = (153.118, -12.431), 71.0  # deg: where the target seems to be, and by how much the telescope is rolled
_TRACES = ("SIMSCENE", "SIMVERS", "SIMPERF", "SDP_VER", "HISTORY", "PI_NAME")  # keywords of the kit


@dataclass(frozen=True, slots=True)
class Kind:
    """One look-alike: what was observed, and how."""

    program: int
    settings: str
    groups: int
    integrations: int
    dithers: int
    backgrounds: int  # dithers of the background; 0: it was not observed
    readout: str = "FASTR1"
    source: str = "EXTENDED"


KINDS = {
    "short": Kind(1523, "12:SHORT", 40, 1, 4, 2),
    "long": Kind(1604, "34:LONG", 25, 1, 2, 0),
    "slow": Kind(3012, "12:SHORT", 8, 1, 1, 0, readout="SLOWR1"),
    "point": Kind(2051, "12:SHORT", 12, 2, 4, 0, source="POINT"),
    "whole": Kind(4490, "all", 10, 1, 4, 2),
}


def main() -> None:
    """Make the look-alikes, run the lessons, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--kinds", default="short,long,slow,point,whole")
    parser.add_argument("--lessons", default=",".join(name[:2] for name in index.lessons()))
    parser.add_argument("--only-judge", action="store_true", help="run nothing, judge what is recorded")
    arguments = parser.parse_args()
    sound = True
    for name in arguments.kinds.split(","):
        space = made(KINDS[name], arguments.folder.resolve() / name)
        sound &= tried(name, KINDS[name], space, arguments.lessons.split(","), arguments.only_judge)
    sys.exit(not sound)


def made(kind: Kind, folder: Path) -> Workspace:
    """Simulate a kind, hide that it is simulated, adopt it, and pin the references; what is there is kept."""
    mine = folder / "mine"
    if not (mine / "workspace.json").is_file():
        simulated = simulate(kind, folder / "simulated")
        for role in ("source", "background"):
            for path in sorted(simulated.stage(role, "uncal").glob("*_uncal.fits")):
                disguise(path, folder / "mastDownload" / "JWST" / path.stem.removesuffix("_uncal") / path.name, kind)
        _command(["adopt", folder / "mastDownload", "--out", mine])
        _command(["references", "--real", mine, "--cache", crds(simulated, folder / "crds"), "--offline", "--quiet"])
    return open_workspace(mine)


def simulate(kind: Kind, folder: Path) -> Workspace:
    """Simulate the exposures of a kind with the course's sky at another redshift."""
    from mrskit.simulate.exposure import simulate as exposures
    from mrskit.simulate.scene import default_scene

    chosen = bands.settings(kind.settings)
    exposures(Workspace(folder), chosen, program=program(kind), scene=replace(default_scene(), redshift=REDSHIFT))
    return Workspace(folder)


def program(kind: Kind) -> plan.Program:
    """Return the program of a kind."""
    own = plan.program()
    source, background = (
        replace(own.observation(role), number=number, label="MRS", target="MCG-02", readout=kind.readout,
                groups=kind.groups, integrations=kind.integrations, dithers=dithers)
        for role, number, dithers in (("source", 11, kind.dithers), ("background", 12, kind.backgrounds))
    )  # fmt: skip
    some = (source, background) if kind.backgrounds else (source,)
    return replace(own, id=kind.program, title="A survey", target="MCG-02-27", redshift=REDSHIFT, observations=some)


def disguise(path: Path, out: Path, kind: Kind) -> None:
    """Write a raw exposure as the archive would give it: of another target and roll, without a word of the kit."""
    from stdatamodels.jwst import datamodels

    out.parent.mkdir(parents=True, exist_ok=True)
    with fits.open(path) as hdus:
        header = hdus[0].header
        for key in _TRACES:
            header.remove(key, ignore_missing=True, remove_all=True)
        header.update({"ORIGIN": "STSCI", "SRCTYAPT": kind.source, "SDP_VER": "2025_2a", "PI_NAME": "N. N."})
        if kind.source == "POINT":
            header["DITHOPFR"] = "POINT-SOURCE"
        _turn(header, hdus["SCI"].header)
        del hdus["ASDF"]  # it tells everything again, and who has made it
        hdus.writeto(out.with_name("raw.fits"), overwrite=True)
    with datamodels.Level1bModel(out.with_name("raw.fits")) as model:
        model.save(out)
    out.with_name("raw.fits").unlink()


def _turn(header: fits.Header, pointing: fits.Header) -> None:
    """Turn everything in the headers that is a place on the sky to the other target."""
    from mrskit.simulate.pointing import V2_REF, V3_REF, attitude, to_sky

    own = plan.program()
    turn = attitude(0, 0, *TARGET, TURN) @ attitude(0, 0, own.target_ra, own.target_dec, 0.0).T
    old = attitude(V2_REF, V3_REF, pointing["RA_REF"], pointing["DEC_REF"], pointing["ROLL_REF"])
    place = to_sky(turn @ old, V2_REF, V3_REF)
    pointing["RA_REF"], pointing["DEC_REF"], pointing["ROLL_REF"] = place
    boresight = to_sky(turn @ old, 0.0, 0.0)
    for some in (header, pointing):
        new = {"RA_V1": boresight[0], "DEC_V1": boresight[1], "PA_V3": boresight[2], "PA_APER": place[2],
               "VA_RA": place[0], "VA_DEC": place[1]}  # fmt: skip
        some.update({key: value for key, value in new.items() if key in some})
    ra, dec, _ = to_sky(turn @ attitude(0, 0, header["TARG_RA"], header["TARG_DEC"], 0.0), 0.0, 0.0)
    header.update({"TARG_RA": ra, "TARG_DEC": dec, "PROP_RA": ra, "PROP_DEC": dec})


def crds(simulated: Workspace, folder: Path) -> Path:
    """Copy the kit's references to where CRDS would keep the observatory's, with SLOWR1 as good as FASTR1."""
    own = Path(simulated.card().references)
    shutil.copytree(own, folder, ignore=shutil.ignore_patterns(own_cache.CARD), dirs_exist_ok=True)
    from mrskit.simulate.references import mappings

    for path in sorted(own_cache.mapping_folder(folder).glob("*.rmap")):
        text = path.read_text(encoding="utf-8")
        if "'FASTR1'" in text:
            told, _, selector = text.partition("\nselector = ")
            head = ast.literal_eval(told.removeprefix("header = "))
            head.pop("sha1sum")
            selector = selector.replace("'FASTR1'", "'FASTR1|SLOWR1'")
            path.write_text(mappings.with_checksum(head, selector.rstrip("\n")), encoding="utf-8")
    return folder


def tried(name: str, kind: Kind, space: Workspace, lessons: list[str], only_judge: bool) -> bool:
    """Run the solved lessons on a look-alike and print what came out; return whether everything was served."""
    from mrskit.lessons.run import run_lesson

    console, sound = Console(width=200), True
    table = Table(title=f"{name}: program {kind.program}, {kind.settings}, {kind.groups} x {kind.integrations}, "
                  f"{kind.dithers} + {kind.backgrounds} dithers, {kind.readout}, {kind.source}")  # fmt: skip
    for column in ("lesson", "ran", "judged", "passed", "not served, and why"):
        table.add_column(column)
    first = bands.settings(kind.settings)[0]
    values = {"use_ch": first.channels, "use_band": first.subband, "data_source": "real", "redshift": REDSHIFT}
    if not kind.backgrounds:
        values |= {"master_bg": False, "stages_bg": ""}
    counts = dict.fromkeys(("asked", "judged", "passed", "not served"), 0)
    for number in lessons:
        lesson, ran = index.lesson_name(number), "yes"
        if not only_judge:
            try:
                run_lesson(lesson, space, solved=True, parameters=values, progress=print)
            except MrskitError as error:
                ran, sound = str(error), False
        [score] = judge.scorecard(space, (lesson,)).lessons
        told = {row.id: row for row in score.rows}
        judged = [row for row in score.rows if row.outcome in ("passed", "failed", "partial")]
        wrong = [row for row in judged if row.outcome != "passed"]
        rest = [row for row in told.values() if row not in judged or row in wrong]
        unserved = [row for row in rest if judge.UNSERVED in row.message]
        sound &= len(unserved) == len(rest)
        for key, some in zip(counts, (score.rows, judged, [row for row in judged if row not in wrong], unserved),
                             strict=True):  # fmt: skip
            counts[key] += len(some)
        table.add_row(lesson, ran, f"{len(judged)} of {len(told)}", str(len(judged) - len(wrong)),
                      "\n".join(f"{row.id}: {row.outcome}: {row.message}" for row in rest))  # fmt: skip
    console.print(table, markup=False)
    console.print(f"{name}: {counts['judged']} of {counts['asked']} exercises judged, {counts['passed']} passed; "
                  f"the data cannot serve {counts['not served']}")  # fmt: skip
    return sound


def _command(arguments: list[object]) -> None:
    print(f"\n$ mrskit {' '.join(map(str, arguments))}", flush=True)
    program = Path(sys.executable).with_name("mrskit")
    subprocess.run([program, *map(str, arguments)], env=os.environ | {"CRDS_SERVER_URL": own_cache.SERVER}, check=True)


if __name__ == "__main__":
    main()
