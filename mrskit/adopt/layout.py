"""Lay out existing files as a workspace: first the plan, then all links or copies, or none of them."""

from __future__ import annotations

import filecmp
import os
import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mrskit import inventory, observed, plan as programs
from mrskit.adopt import found as finding, present, roles, together
from mrskit.adopt.found import OF_EXPOSURE, STAGES, Found, LeftOut
from mrskit.card import REAL, AdoptedFile
from mrskit.errors import PlanError
from mrskit.workspace import ROLES, Workspace, create, require_space


@dataclass(frozen=True, slots=True)
class Placed:
    """One file and its place in the workspace."""

    found: Found
    role: str
    new: bool  # False: it lies there already

    @property
    def place(self) -> Path:
        """Path relative to the workspace."""
        return Path(ROLES[self.role], self.found.stage, self.found.name)

    @property
    def packed(self) -> bool:
        """Whether the file is compressed."""
        return inventory.is_packed(self.found.path)


@dataclass(frozen=True, slots=True)
class Layout:
    """The adopted and the rejected files."""

    root: Path
    placed: tuple[Placed, ...]  # with what lies there already
    left_out: tuple[LeftOut, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]  # nothing is adopted where there is one

    @property
    def new(self) -> list[Placed]:
        """The files that are added to the workspace."""
        return [item for item in self.placed if item.new]


def plan(
    folders: Sequence[Path], root: Path, backgrounds: Collection[int] | str = (), observations: Collection[int] = (),
    program: int | None = None,
) -> Layout:  # fmt: skip
    """
    Return the plan of 'mrskit adopt'; nothing is written.

    For ``backgrounds``, see `roles.decide`. If there are several programs, the kit adopts the given program, else the
    workspace's program, else the program with the most exposures.
    """
    problems = [f"{path}: no such file or folder" for path in folders if not path.exists()] + _unfit(root)
    here = there(Workspace(root))
    kept, left_out, others = finding.look([path for path in folders if path.exists()],
                                          [root / folder for folder in ROLES.values()])  # fmt: skip
    kept = _of_one_program(kept, program or next((_program(item.found) for item in here), None), left_out, problems)
    if observations:
        kept = _split(
            kept, left_out, lambda item: "" if item.observation in observations else "from a different observation"
        )
    kept = _once(kept, [item.found for item in here], left_out)
    if not kept and not problems and not any("already" in item.why for item in left_out):
        problems.append(f"no file that can be adopted among {len(left_out)} FITS files and {others} other files")
    marked = {item.found.observation for item in here if item.role == "background"}
    placed = here
    try:
        asked = backgrounds if isinstance(backgrounds, str) else {*backgrounds, *marked}
        told = roles.decide([item.header for item in (*(item.found for item in here), *kept)], asked)
        placed = [*here, *(Placed(item, role, True) for item, role in zip(kept, told[len(here) :], strict=True))]
    except PlanError as error:
        problems.append(str(error))
    notes = [f"{others} files are not FITS files; archives (zip, tar) have to be unpacked first"] if others else []
    if placed and all(item.role == "background" for item in placed):
        notes.append("all files are background: without an exposure of the source nothing can be reduced")
    wrong, said = together.look([(item.found, item.role) for item in placed if item.found.kind in OF_EXPOSURE], {})
    return Layout(root, tuple(placed), tuple(left_out), (*notes, *wrong, *said), tuple(problems))


def there(workspace: Workspace) -> list[Placed]:
    """Return the exposures that are in a workspace now, regardless of the roles in their headers."""
    return [Placed(item, role, False) for role in ROLES
            for item in finding.look(present.exposures(workspace, role).values())[0]]  # fmt: skip


def carry_out(layout: Layout, copy: bool = False) -> dict[str, int]:
    """
    Make the workspace of a layout, or add to it; return the number of files per kind of transfer.

    Files are hard links where that is possible, else symbolic links; copies if ``copy``. Packed ones are unpacked. A
    new workspace gets its name only when it is complete.

    PlanError if the layout has problems; DiskSpaceError if the disk is too small for copies and unpacked files.
    """
    if layout.problems:
        raise PlanError("nothing is adopted: " + " ".join(layout.problems), problems=layout.problems)
    root, beside = layout.root, layout.root.with_name(f".adopting-{layout.root.name}")
    new = not root.is_dir() or not any(root.iterdir())
    sizes = (item.found.path.stat().st_size * (4 if item.packed else 1) for item in layout.new if copy or item.packed)
    require_space(root.parent, sum(sizes), "copies and unpacked files")
    shutil.rmtree(beside, ignore_errors=True)  # of one that was cut
    try:
        space = create(beside)
        how = {item.place: _bring(item.found.path, space.root / item.place, item.packed, copy) for item in layout.new}
        if not new:
            space = create(root)
            for place in how:
                (beside / place).replace(root / place)
        _describe(space, layout, how)
        if new:
            beside.replace(root)  # which takes the place of an empty folder
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return dict(Counter(how.values()))


def _bring(source: Path, target: Path, packed: bool, copy: bool) -> str:
    """Link, copy or unpack one file, and return the kind of transfer."""
    source = source.resolve()
    if packed:
        with inventory.opened(source) as stream, target.open("wb") as out:
            shutil.copyfileobj(stream, out)
        return "unpacked"
    if copy:
        shutil.copyfile(source, target)
        return "copy"
    try:
        os.link(source, target)
        return "hard link"
    except OSError:  # another disk, or somebody else's file
        target.symlink_to(source)
        return "symbolic link"


def _describe(space: Workspace, layout: Layout, how: dict[Path, str]) -> None:
    """Write the card of a workspace, and its program if the kit has no better description of the program."""
    exposures = [item for item in layout.placed if item.found.kind in OF_EXPOSURE]
    number, simulated = _program(layout.placed[0].found), all(item.found.simulated for item in layout.placed)
    entries = {item.found.name: AdoptedFile(str(item.found.path.absolute()), item.role, how[item.place])
               for item in layout.new}  # fmt: skip
    space.update_card(
        data_source="" if simulated else REAL, simulated=simulated, program=number,
        adopted={**space.card().adopted, **entries},
        settings=sorted({item.found.setting for item in exposures}),
    )  # fmt: skip
    if exposures and number != programs.program().id:
        told = observed.program([item.found.header for item in exposures],
                                {item.found.observation: item.role for item in exposures})  # fmt: skip
        observed.write(told, space.root / observed.FILE)


def _unfit(root: Path) -> list[str]:
    """Return the reason why a folder cannot become a workspace or receive files."""
    space = Workspace(root)
    if root.is_file():
        return [f"{root} is a file: give a folder"]
    if not root.is_dir() or not any(root.iterdir()) or space.has_card or space.stage("source", "uncal").is_dir():
        return []
    return [f"{root} contains other files and is not a workspace: choose a new folder with --out"]


def _program(item: Found) -> int:
    return int(item.header["PROGRAM"])


def _split(kept: Iterable[Found], left_out: list[LeftOut], why: object) -> list[Found]:
    """Return the files without problems; the others are left out with their reasons."""
    told = [(item, why(item)) for item in kept]  # type: ignore[operator]
    left_out += [LeftOut(item.path, reason) for item, reason in told if reason]
    return [item for item, reason in told if not reason]


def _of_one_program(
    kept: list[Found], program: int | None, left_out: list[LeftOut], problems: list[str]
) -> list[Found]:  # fmt: skip
    """Return the files of one program, only real ones if there are any."""
    if any(not item.simulated for item in kept):
        kept = _split(kept, left_out, lambda item: "simulated, among observed ones" if item.simulated else "")
    counts = Counter(_program(item) for item in kept).most_common()
    if program is None and len(counts) > 1 and counts[0][1] == counts[1][1]:
        problems.append("files of the programs " + ", ".join(f"{name} ({count})" for name, count in counts)
                        + ": choose one with --program")  # fmt: skip
    chosen = program or (counts[0][0] if counts else 0)
    return _split(kept, left_out, lambda item: "" if _program(item) == chosen else
                  f"from program {_program(item)}, not {chosen}")  # fmt: skip


def _once(kept: list[Found], here: list[Found], left_out: list[LeftOut]) -> list[Found]:
    """Return one file per exposure: the least processed file, or the latest of equal files."""
    best: dict[str, Found] = {item.stem: item for item in here}
    order = list(STAGES)
    latest = sorted(kept, key=lambda item: str(item.header.get("DATE", "")), reverse=True)
    exposed = {item.observation for item in (*here, *kept) if item.kind in OF_EXPOSURE}

    def why(item: Found) -> str:
        if (
            item.kind not in OF_EXPOSURE
            and item.observation in exposed
            and not (item.stage == "stage2" and item.exposure in best and best[item.exposure].kind == "cal")
        ):
            return "made from exposures that are here: 'mrskit reduce' makes it again"
        key = item.stem if item.kind in OF_EXPOSURE else item.name
        first = best.setdefault(key, item)
        if first is item:
            return ""
        if first in here:
            return "the workspace has this exposure already"
        if first.kind != item.kind:
            return f"'mrskit reduce' makes it from {first.path.name}"
        same = first.header.get("DATE") == item.header.get("DATE") and filecmp.cmp(first.path, item.path, shallow=False)
        return f"{'the same bytes as' if same else 'the same exposure as'} {first.path}"

    return _split(sorted(latest, key=lambda item: order.index(item.kind)), left_out, why)
