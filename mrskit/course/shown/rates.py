"""Stage 1 for lesson 03: of the learner's exposures, and of those of the kit that stand in for what these lack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mrskit import products
from mrskit.bands import Setting
from mrskit.course.shown import stand_in
from mrskit.course.shown.stand_in import LONG, references
from mrskit.pipeline import stages as pipeline
from mrskit.workspace import Workspace

__all__ = ["LONG", "empty_field", "files", "of_long", "references", "stage_one"]


def stage_one(space: Workspace, setting: Setting, stages: Mapping[str, str], scheduler: str) -> None:
    """Run stage 1 on the raw exposures of a setting and of 34:SHORT, and on those of the kit that are shown."""
    wanted = [(space, role, one) for role, chosen in stages.items() if "1" in chosen
              for one in dict.fromkeys((setting, LONG))]  # fmt: skip
    kits = (empty_field(space, setting), (stand_in.of_long(space), LONG))
    wanted += [(kit, "background", one) for kit, one in kits if kit != space]
    for place, role, one in wanted:
        if stand_in.count(place, role, one):
            with stand_in.kept_environment():
                made = pipeline.detector1(place, one, role=role, options=pipeline.Options(scheduler=scheduler))
            print(f"{role:<12}{one.name:<10}{len(made)} rate files{'' if place == space else ', SIMULATED by the kit'}")


def empty_field(space: Workspace, setting: Setting) -> tuple[Workspace, Setting]:
    """Return the workspace and the setting of two exposures of an empty field, see `stand_in.of_empty_field`."""
    chosen, one = stand_in.of_empty_field(space, setting)
    return (stand_in.ready(space) if chosen != space else space), one


def files(space: Workspace, setting: Setting) -> dict[str, list[Path]]:
    """Return the rate files of the source, and of the empty field, which may be the kit's."""
    empty, one = empty_field(space, setting)
    return {"source": products.find(space.stage("source", "stage1"), "rate", setting),
            "background": products.find(empty.stage("background", "stage1"), "rate", one)}  # fmt: skip


def of_long(space: Workspace) -> list[Path]:
    """Return the rate files of the empty field on the long detector; of the kit where there are none of the learner."""
    return products.find(stand_in.of_long(space).stage("background", "stage1"), "rate", LONG)
