"""Checks before a lesson begins: the folder, its setting and its references."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mrskit import observed, plan
from mrskit.bands import Setting
from mrskit.errors import LessonError, MrskitError, WorkspaceError
from mrskit.workspace import Workspace, advice, is_foreign, open_workspace


def opened(workspace: Path | str | Workspace, setting: Setting, parameters: Mapping[str, object]) -> Workspace:
    """Return a lesson's workspace with active references, after checking its data against setting and parameters."""
    space = workspace if isinstance(workspace, Workspace) else open_workspace(located(Path(workspace)))
    card, source = space.card(), parameters.get("data_source", "simulated")
    if source == "real" and card.simulated and not card.is_real:
        raise LessonError(f'{space.root}: its data are simulated, but data_source is "real". Set data_source to '
                          "'simulated', or choose a workspace from the archive ('mrskit fetch').")  # fmt: skip
    require_setting(space, setting)
    if card.crds and not card.own_references:
        from mrskit.references.context import activate_pinned

        activate_pinned(card.crds)
    elif source != "real" or card.own_references:
        activate_references(space)
    return space


def note_redshift(space: Workspace, parameters: Mapping[str, object]) -> None:
    """Write the redshift of a real target to the card, unless it is that of the spectra in lesson 06."""
    given, card = parameters.get("redshift"), space.card()
    if card.is_real and isinstance(given, int | float) and not parameters.get("spectra_dir") and card.redshift != given:
        space.update_card(redshift=float(given))


def about_real(space: Workspace) -> str:
    """Return what a reader of a lesson must know who uses real data: whose they are, and what the text is about."""
    course = plan.program()
    try:
        own = observed.of(space)
        redshift = f"z = {own.redshift:g}" if own.redshift == own.redshift else "unknown redshift"
        data = f"Your data: program {own.id}, {own.target or 'target without a name'}, {redshift}."
    except MrskitError as error:
        data = f"Your data: their headers do not tell the program ({error})."
    return (f"{data}\nWhat the text says of its target, its numbers and its figures is true of the course's simulated "
            f"exposures ({course.target}, program {course.id}, z = {course.redshift:g}) and need not be true of yours. "
            "Your answers are compared with our own measurements of your data.")  # fmt: skip


def located(folder: Path) -> Path:
    """Find a folder in the current folder or its parents, because a notebook runs in its own folder."""
    places = [parent / folder for parent in (Path.cwd(), *Path.cwd().parents)]
    return folder if folder.is_absolute() else next((place for place in places if place.is_dir()), folder)


def require_setting(workspace: Workspace, setting: Setting) -> None:
    """Check, before a cell finds no files, that a simulated workspace has data of a setting."""
    made = workspace.card().settings
    if made and setting.name not in made:
        raise WorkspaceError(
            f"{workspace.root}: no data of {setting.name}; found {', '.join(made)}. Set use_ch and use_band to one "
            f"of these, or get more. {advice(workspace.root, setting.name)}",
            path=workspace.root, setting=setting.name,
        )  # fmt: skip


def check_references(workspace: Workspace, real: bool, quiet: bool) -> None:
    """Report missing references before the first cell, because CRDS would end a worker; not needed when grading."""
    from mrskit.references import context

    card = workspace.card()
    if quiet or card.crds:
        return
    if not card.own_references and (card.is_real or real or is_foreign(workspace.root)):
        context.check_environment(workspace)
    elif gone := context.references_gone(workspace):
        print(f"The pipeline cannot run here. {gone}")


def activate_references(workspace: Workspace) -> None:
    """Activate the data's reference cache if it exists; otherwise a stage that needs it raises an error."""
    from mrskit.references import own_cache

    folder = workspace.card().own_references
    if folder and own_cache.mapping_folder(Path(folder)).is_dir():
        own_cache.activate(Path(folder))
