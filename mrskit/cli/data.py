"""Commands that make data: references, simulate, env, reduce, script."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mrskit.cli.output import AsJson, Quiet, Scheduler, console, print_json, progress, stage_table

if TYPE_CHECKING:
    from mrskit.references.needs import Survey

Settings = Annotated[
    str, typer.Option("--settings", help="Comma-separated settings such as 12:SHORT,34:LONG, or 'all'.")
]
References = Annotated[
    Path | None, typer.Option("--references", help="Folder of the reference cache (default: the user's cache folder).")
]
Seed = Annotated[
    str, typer.Option("--seed", help="A number, or 'random' for a key (default: the seed of the workspace, or 2732).")
]


def references(
    settings: Settings = "12:SHORT",
    out: Annotated[Path | None, typer.Option(help="Folder to write (default: the user's cache folder).")] = None,
    geometry: Annotated[
        Path | None,
        typer.Option(help="Folder with flight distortion and specwcs files to use instead of the kit's files."),
    ] = None,
    real: Annotated[
        Path | None,
        typer.Option(help="Workspace of real data: find its references in CRDS, fetch the missing ones, pin them."),
    ] = None,
    crds_cache: Annotated[
        Path | None, typer.Option("--cache", help="With --real: folder of the CRDS cache (default: CRDS_PATH, ~/crds).")
    ] = None,
    context: Annotated[str, typer.Option(help="With --real: CRDS context, e.g. jwst_1464.pmap.")] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="With --real: contact no server, use only local files.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="With --real: fetch nothing, only list the missing files.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """
    Build the kit's reference cache, which replaces the one from STScI; with --real, use the files from STScI.

    Example: mrskit references --settings 12:SHORT,34:SHORT

    Example: mrskit references --real work/real --cache /shared/crds
    """
    if real is not None:
        return _real_references(real, crds_cache, context, offline, check, quiet)
    from mrskit.bands import settings as parse
    from mrskit.simulate.references.build import build

    folder = build(parse(settings), out, geometry, progress(quiet))
    console.print(f"References: {folder}", markup=False)
    return None


def _real_references(root: Path, folder: Path | None, context: str, offline: bool, check: bool, quiet: bool) -> None:
    """List the references that a workspace of real data needs, fetch missing ones (unless ``--check``) and pin them."""
    from mrskit.pipeline.reference_needs import asked
    from mrskit.references import fetch, needs
    from mrskit.workspace import open_workspace

    space = open_workspace(root)
    fetch.configure(folder, context, offline)
    found = needs.survey(space, asked)
    here = len(found.references) - len(found.missing)
    console.print(f"Context {found.context} in {found.folder}, for {found.exposures} types of exposure", markup=False)
    console.print(f"{here} of {len(found.references)} references are available", markup=False)
    for item in found.missing:
        console.print(f"missing: {item.kind:16s} {item.name}  {item.size / 1e6:.0f} MB", markup=False)
    for line in fetch.remarks(found):
        console.print(line, markup=False)
    _say_what_the_rules_lack(found)
    if not check:
        fetch.fetch(found, progress(quiet))
        fetch.pin(space, needs.survey(space, asked))
        console.print(f"Pinned in {root}. Next: mrskit reduce {root}", markup=False)


def _say_what_the_rules_lack(found: Survey) -> None:
    """Report reference types that steps read but the context does not provide: fetching cannot add these."""
    for item in found.not_found:
        console.print(f"not found: {item.kind:14s} {item.why}", markup=False)
    if found.without_rule:
        named = [kind for kind in found.without_rule if not kind.startswith("pars-")]
        count = len(found.without_rule) - len(named)
        named += [f"{count} types of parameter files"] if count else []
        console.print(f"Unknown to this context: {', '.join(named)}", markup=False)
    if found.not_found:
        console.print(f"Steps that read {', '.join(dict.fromkeys(item.kind for item in found.not_found))} will stop. "
                      "Choose a different context with --context.", markup=False)  # fmt: skip


def simulate(
    out: Annotated[Path, typer.Option(help="Workspace to write.")],
    settings: Settings = "12:SHORT",
    profile: Annotated[str, typer.Option(help="quick (10 groups) or program (40 groups x 2, as observed).")] = "quick",
    seed: Seed = "",
    references: References = None,
    perfect: Annotated[
        bool,
        typer.Option(
            "--perfect", help="Use references that match the simulated instrument exactly: no calibration errors."
        ),
    ] = False,
    imperfection: Annotated[
        list[str] | None, typer.Option(metavar="NAME=SCALE", help="Scale of an imperfection, 0 to 2; repeatable.")
    ] = None,
    program: Annotated[
        Path | None, typer.Option(help="A different program, described as in data_manifest/program_2732.toml.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """
    Write simulated raw exposures (uncal) with known truth to a workspace.

    Example: mrskit simulate --settings 12:SHORT --profile quick --out work/mine
    """
    from mrskit.bands import settings as parse
    from mrskit.plan import read_program
    from mrskit.seed import chosen as chosen_seed
    from mrskit.simulate import imperfections
    from mrskit.simulate.exposure import simulate as run
    from mrskit.workspace import Workspace

    chosen = parse(settings)
    described = read_program(program) if program is not None else None
    workspace = Workspace(out.resolve())
    scales = imperfections.parse(imperfection or [], imperfections.PERFECT if perfect else imperfections.DEFAULT)
    paths = run(workspace, chosen, profile, seed=chosen_seed(seed, workspace), references=references,
                imperfections=scales,
                progress=progress(quiet), program=described)  # fmt: skip
    console.print(f"{len(paths)} simulated exposures in {workspace.root}", markup=False)
    console.print(f"Next: mrskit reduce {out}", markup=False)


def env(
    workspace: Annotated[Path | None, typer.Option(help="Workspace whose references are to be used.")] = None,
    references: References = None,
    as_json: AsJson = False,
) -> None:
    """
    Print the export lines that make other programs use the kit's references.

    Example: eval "$(mrskit env --workspace work/demo)"
    """
    from mrskit.references import context, own_cache
    from mrskit.workspace import open_workspace

    if references is None and workspace is not None:
        space = open_workspace(workspace)
        space.require_card()
        variables = context.variables(space)
    else:
        variables = own_cache.environment(references or own_cache.default_folder())
    if as_json:
        print_json(variables)
    else:
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}")


def reduce(
    workspace: Annotated[Path, typer.Argument(help="Workspace with uncal files.")],
    settings: Annotated[str, typer.Option(help="Settings to reduce (default: all that have raw files).")] = "",
    references: Annotated[
        Path | None,
        typer.Option(
            help="Folder of the kit's references (default: the folder in workspace.json; real data: CRDS_PATH)."
        ),
    ] = None,
    pixel_background: Annotated[bool, typer.Option(help="Subtract background exposures in stage 2.")] = False,
    master_background: Annotated[bool, typer.Option(help="Subtract the master background in stage 3.")] = True,
    stock: Annotated[bool, typer.Option("--stock", help="No acceleration: run only the pipeline's own code.")] = False,
    changes: Annotated[
        list[str] | None, typer.Option("--set", help="STEP.PARAMETER=VALUE for the pipeline; repeatable.")
    ] = None,
    scheduler: Scheduler = "local",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """
    Run stages 1, 2 and 3 of the jwst pipeline on a workspace. Unchanged products are not made again.

    Example: mrskit reduce work/mine --pixel-background --no-master-background

    Example: mrskit reduce work/mine --set jump.find_showers=False --set spec2.residual_fringe.skip=False
    """
    from mrskit.bands import settings as parse
    from mrskit.pipeline import parameters
    from mrskit.pipeline.stages import Options, reduce as run
    from mrskit.references import own_cache
    from mrskit.workers import usage
    from mrskit.workspace import is_foreign, open_workspace

    space = open_workspace(workspace)
    if references is not None:
        space.update_card(references=str(own_cache.require(references)), simulated_references=is_foreign(space.root))
    steps = parameters.parsed(changes or [])
    options = Options(
        pixel_background=pixel_background, master_background=master_background, stock=stock, scheduler=scheduler
    )
    with usage.collected() as reports:
        own = {"steps": steps} if steps else {}
        paths = run(space, parse(settings) if settings else None, options=options, progress=progress(quiet), **own)
    stages = usage.by_stage(reports)
    if as_json:
        print_json({"products": [str(path) for path in paths], "stages": [asdict(stage) for stage in stages]})
        return
    console.print(stage_table(stages))
    console.print(f"{len(paths)} products in {space.root}", markup=False)
    if own_cache.are_foreign_to(space.root.glob("*/stage1/*_rate.fits")):
        console.print(own_cache.WARNING, markup=False)


def script(
    workspace: Annotated[Path, typer.Argument(help="Reduced workspace.")],
    out: Annotated[Path, typer.Option(help="File to write.")] = Path("reduction.py"),
) -> None:
    """
    Write the reduction of a workspace as a Python script of jwst pipeline calls that you can read, change and run.

    Example: mrskit script work/demo --out reduction.py
    """
    from mrskit.errors import WorkspaceError
    from mrskit.pipeline import script as plain
    from mrskit.workspace import open_workspace, write_text

    text = plain.write(open_workspace(workspace), out.name, f"{out.stem}_products")
    if out.exists() and out.read_text(encoding="utf-8") != text:
        raise WorkspaceError(
            f"{out}: a different file with this name exists. Choose another name with --out.", path=out
        )
    write_text(out, text)
    console.print(f"{out}: 'python {out}' makes the products again in {out.stem}_products.", markup=False)
