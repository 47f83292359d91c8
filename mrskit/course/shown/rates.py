"""Stage 1 for lesson 03: of the learner's exposures, and of those of the kit that stand in for what these lack."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mrskit import products
from mrskit.bands import Setting
from mrskit.course.shown import stand_in
from mrskit.pipeline import stages as pipeline
from mrskit.workspace import Workspace


def stage_one(space: Workspace, setting: Setting, stages: Mapping[str, str], scheduler: str) -> None:
    """Run stage 1 on the raw exposures of a setting and of 34:SHORT, and on those of the kit that are shown."""
    wanted = [(space, role, one) for role, chosen in stages.items() if "1" in chosen
              for one in dict.fromkeys((setting, stand_in.LONG))]  # fmt: skip
    kits = (stand_in.of_empty_field(space, setting), (stand_in.of_long(space), stand_in.LONG))
    wanted += [(stand_in.ready(space, kit), "background", one) for kit, one in kits if kit != space]
    for place, role, one in wanted:
        if stand_in.count(place, role, one):
            with stand_in.references(place):
                made = pipeline.detector1(place, one, role=role, options=pipeline.Options(scheduler=scheduler))
            print(f"{role:<12}{one.name:<10}{len(made)} rate files{'' if place == space else ', SIMULATED by the kit'}")


def files(space: Workspace, setting: Setting) -> dict[str, list[Path]]:
    """Return the rate files of the source, of the empty field and of 34:SHORT; the last two may be the kit's."""
    (empty, one), long = stand_in.of_empty_field(space, setting), stand_in.of_long(space)
    return {"source": products.find(space.stage("source", "stage1"), "rate", setting),
            "background": products.find(empty.stage("background", "stage1"), "rate", one),
            "long": products.find(long.stage("background", "stage1"), "rate", stand_in.LONG)}  # fmt: skip
