"""What has to be right before a lesson begins: the folder, its setting, its references."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mrskit.bands import Setting
from mrskit.errors import LessonError, WorkspaceError
from mrskit.workspace import Workspace, advice, is_foreign, open_workspace


def opened(workspace: Path | str | Workspace, setting: Setting, parameters: Mapping[str, object]) -> Workspace:
    """Return the workspace of a lesson, with its references switched on, if its data fit setting and parameters."""
    space = workspace if isinstance(workspace, Workspace) else open_workspace(located(Path(workspace)))
    card, source = space.card(), parameters.get("data_source", "simulated")
    if source == "real" and card.simulated and not card.is_real:
        raise LessonError(f'{space.root}: its data are simulated, and data_source is "real". Leave it at "simulated", '
                          "or choose a workspace with exposures of the archive ('mrskit fetch').")  # fmt: skip
    require_setting(space, setting)
    if card.crds and not card.own_references:
        from mrskit.references.context import activate_pinned

        activate_pinned(card.crds)
    elif source != "real" or card.own_references:
        activate_references(space)
    return space


def note_redshift(space: Workspace, parameters: Mapping[str, object]) -> None:
    """Write the redshift of the target of real data to the card, unless it is that of the spectra of lesson 06."""
    given, card = parameters.get("redshift"), space.card()
    if card.is_real and isinstance(given, int | float) and not parameters.get("spectra_dir") and card.redshift != given:
        space.update_card(redshift=float(given))


def located(folder: Path) -> Path:
    """Return a folder, looked for in the current one and in those above: notebooks run where they lie."""
    places = [parent / folder for parent in (Path.cwd(), *Path.cwd().parents)]
    return folder if folder.is_absolute() else next((place for place in places if place.is_dir()), folder)


def require_setting(workspace: Workspace, setting: Setting) -> None:
    """Check that the data of a simulated workspace are of a setting, before a cell finds no files."""
    made = workspace.card().settings
    if made and setting.name not in made:
        raise WorkspaceError(
            f"{workspace.root}: no data of {setting.name}; there are {', '.join(made)}. Set use_ch and use_band to one "
            f"of these, or get more. {advice(workspace.root, setting.name)}",
            path=workspace.root, setting=setting.name,
        )  # fmt: skip


def check_references(workspace: Workspace, real: bool, quiet: bool) -> None:
    """Say before the first cell what CRDS would end a worker for; what is only recorded for grading runs nothing."""
    from mrskit.references import context

    card = workspace.card()
    if quiet or card.crds:
        return
    if not card.own_references and (card.is_real or real or is_foreign(workspace.root)):
        context.check_environment(workspace)
    elif gone := context.references_gone(workspace):
        print(f"The pipeline cannot run here. {gone}")


def activate_references(workspace: Workspace) -> None:
    """Switch on the reference cache of the data where it is; a stage that needs it says what to run where it is not."""
    from mrskit.references import own_cache

    folder = workspace.card().own_references
    if folder and own_cache.mapping_folder(Path(folder)).is_dir():
        own_cache.activate(Path(folder))
