"""The pipeline calls that learners write, and default calls until the learner's calls are right."""

from __future__ import annotations

from pathlib import Path

from mrskit.exercises.outcomes import Outcome
from mrskit.exercises.record import Verdict
from mrskit.workspace import Workspace

Steps = dict[str, dict[str, object]]
WITHOUT_JUMP: Steps = {"jump": {"skip": True}, "emicorr": {"skip": False}, "saturation": {"n_pix_grow_sat": 0}}
WITHOUT_STRAYLIGHT: Steps = {"straylight": {"skip": True}, "bkg_subtract": {"skip": True}, "extract_1d": {"skip": True}}


def of_stage2(space: Workspace, members: tuple, steps: tuple[Verdict, Steps]) -> tuple[Path, str, Steps]:
    """Write the learner's (or the smallest) association; return its folder, its name, and the steps of the call."""
    folder, (verdict, own, smallest) = space.stage("source", "stage2") / "own", members
    folder.mkdir(exist_ok=True)
    (folder / "own_asn.json").write_text((own if verdict.outcome == Outcome.PASSED else smallest).dump()[1])
    chosen = steps[1] if steps[0].outcome == Outcome.PASSED else WITHOUT_STRAYLIGHT
    return folder, str(folder / "own_asn.json"), chosen
