"""
Documented settings in the observatory's parameter files (``pars-``) for the MRS that differ from the code's defaults.

The files themselves exist only in the observatory's CRDS. Context jwst_1322 has the files named here, but no separate
file for refpix. `mrskit.simulate.references` writes files with this content, which the pipeline then finds.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Practice:
    """One parameter that a parameter file sets."""

    file: str  # reference type that holds it
    step: str  # its alias in the pipeline
    step_class: str
    parameter: str
    value: object
    source: str


PRACTICE = (
    Practice("pars-emicorrstep", "emicorr", "jwst.emicorr.emicorr_step.EmiCorrStep", "skip", False,
             "jwst documentation, calwebb_detector1: table of steps; spacetelescope/jwst#8270"),
    Practice("pars-detector1pipeline", "refpix", "jwst.refpix.refpix_step.RefPixStep", "skip", True,
             "jwst documentation, refpix: 'skipped by default for MIRI data'"),
    Practice("pars-detector1pipeline", "ipc", "jwst.ipc.ipc_step.IPCStep", "skip", True,
             "jwst documentation, calwebb_detector1: first note under the table of steps"),
    Practice("pars-jumpstep", "jump", "jwst.jump.jump_step.JumpStep", "find_showers", True,
             "spacetelescope/jwst#8030, #8890: showers of FASTR1 exposures of the MRS"),
)  # fmt: skip
PIPELINES = {"pars-detector1pipeline": "jwst.pipeline.calwebb_detector1.Detector1Pipeline"}
FILES = tuple(dict.fromkeys(item.file for item in PRACTICE))


def tree(file: str) -> dict[str, object]:
    """Return the content of a parameter file, in the layout of ``Step.export_config``."""
    steps = [{"class": item.step_class, "name": item.step, "parameters": {item.parameter: item.value}}
             for item in PRACTICE if item.file == file]  # fmt: skip
    if file not in PIPELINES:
        return dict(steps[0])
    path = PIPELINES[file]
    return {"class": path, "name": path.rpartition(".")[2], "parameters": {}, "steps": steps}
