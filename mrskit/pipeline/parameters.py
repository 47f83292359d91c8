"""The steps dictionaries that the stages pass to the pipeline, and a table that compares them with the defaults."""

from __future__ import annotations

import difflib
import logging
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from mrskit.errors import PipelineError
from mrskit.logs import silence
from mrskit.pipeline.step_settings import CHOICES, DEFAULT_OPTIONS, LEFT_ALONE, MRS_STEPS, Options

if TYPE_CHECKING:
    from jwst.stpipe import Pipeline

PIPELINES = {"detector1": "Detector1Pipeline", "spec2": "Spec2Pipeline", "spec3": "Spec3Pipeline"}

Steps = dict[str, dict[str, object]]

# Parameters of every step that do not affect the calibration.
_OF_ALL_STEPS = ("pre_hooks", "post_hooks", "output_file", "output_dir", "output_ext", "output_use_model", "suffix",
                 "output_use_index", "save_results", "search_output_file", "input_dir", "config_file", "name",
                 "class")  # fmt: skip

# Keywords for CRDS when no exposure is given: any full-array MRS exposure.
_ANY_EXPOSURE = {
    "META.INSTRUMENT.NAME": "MIRI", "META.INSTRUMENT.DETECTOR": "MIRIFUSHORT", "META.INSTRUMENT.CHANNEL": "12",
    "META.INSTRUMENT.BAND": "SHORT", "META.EXPOSURE.TYPE": "MIR_MRS", "META.EXPOSURE.READPATT": "FASTR1",
    "META.SUBARRAY.NAME": "FULL", "META.OBSERVATION.DATE": "2022-07-02", "META.OBSERVATION.TIME": "12:00:00",
    "META.VISIT.TSOVISIT": "F",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One parameter: the kit's value, the code's default and the value in the active reference files."""

    stage: str
    step: str
    parameter: str
    ours: object
    code_default: object
    reference_value: object  # None where no parameter file of the active CRDS context sets it
    why: str

    @property
    def flight(self) -> object:
        """The value without the kit's settings: that of the parameter file, else the code's default."""
        return self.code_default if self.reference_value is None else self.reference_value

    @property
    def differs(self) -> bool:
        """Whether the kit's value is different."""
        return str(self.ours) != str(self.flight)


def detector1_steps(options: Options = DEFAULT_OPTIONS, readout: str = "FASTR1") -> Steps:
    """Return the explicit settings of stage 1 for a readout mode, ``{step: {parameter: value}}``."""
    return steps("detector1", replace(options, readout=readout), "source")


def spec2_steps(options: Options = DEFAULT_OPTIONS, role: str = "source") -> Steps:
    """Return the explicit settings of stage 2 for an exposure with the role ``source`` or ``background``."""
    return steps("spec2", options, role)


def spec3_steps(options: Options = DEFAULT_OPTIONS) -> Steps:
    """Return the explicit settings of stage 3."""
    return steps("spec3", options, "source")


def number(stage: str) -> int:
    """Return the number of a stage: 1 for ``detector1``, 2 for ``spec2``, 3 for ``spec3``."""
    return int(stage[-1]) if stage != "detector1" else 1


def merged(steps: Steps, changes: Steps | None) -> Steps:
    """Return settings updated with changes, step by step; neither argument is modified."""
    total = {step: dict(values) for step, values in steps.items()}
    for step, values in (changes or {}).items():
        total[step] = total.get(step, {}) | values
    return total


def parsed(texts: Iterable[str]) -> dict[str, Steps]:
    """
    Parse changes written as ``STEP.PARAMETER=VALUE``, check them, and return them by stage in their types.

    A step that two stages have is changed in both, unless the stage is given, as in ``spec3.extract_1d...``.

    PipelineError if the step or parameter does not exist, or the value is not allowed.
    """
    from configobj.validate import ValidateError, Validator

    found: dict[str, Steps] = {}
    for text in texts:
        names, equals, value = text.partition("=")
        *where, step, parameter = ["", "", *names.strip().split(".")]
        stage = ".".join(where).strip(".")
        stages = [name for name in PIPELINES if stage in ("", name) and step in specification(name)]
        if not equals or not step or stage not in ("", *PIPELINES):
            raise PipelineError(f"--set {text}: expected STEP.PARAMETER=VALUE, e.g. jump.find_showers=False, or after "
                                f"a stage ({', '.join(PIPELINES)}) and a dot", found=text)  # fmt: skip
        if not stages:
            known: dict[str, dict] = {
                name: {} for other in PIPELINES if stage in ("", other) for name in specification(other)
            }
            _expect(step, known, f"--set {text}: no step {step!r}")
        for name in stages:
            check(name, {step: {parameter: value}})
            rule = specification(name)[step][parameter]
            if parameter in _OF_ALL_STEPS or rule.startswith(("is_string_or", "input_file", "output_file")):
                raise PipelineError(f"--set {text}: mrskit and CRDS choose files and their names", found=text)
            try:
                given = value.strip().split(",") if "_list(" in rule else value.strip()
                nothing = given == "None" and "default=None" in rule.replace(" ", "")
                checked = None if nothing else Validator().check(rule, given)
                numbers = checked if isinstance(checked, list) else [checked]
                if any(isinstance(item, float) and not math.isfinite(item) for item in numbers):
                    raise ValidateError(f"{value.strip()} is not a finite number.")
                found[name] = merged(found.get(name, {}), {step: {parameter: checked}})
            except ValidateError as error:
                raise PipelineError(f"--set {text}: {error} Expected {rule}.", found=text) from error
    return found


def written(steps: Steps) -> list[str]:
    """Return changes as ``STEP.PARAMETER=VALUE``."""
    return [f"{step}.{name}={value}" for step, values in steps.items() for name, value in values.items()]


def check(stage: str, steps: Steps) -> None:
    """Raise PipelineError, with the nearest name, for a step or parameter that the installed pipeline does not have."""
    known = specification(stage)
    for step, values in steps.items():
        _expect(step, known, f"no step {step!r} in {PIPELINES[stage]}")
        for parameter in values:
            _expect(parameter, known[step], f"no parameter {parameter!r} in step {step!r} of {PIPELINES[stage]}")


@cache
def specification(stage: str) -> dict[str, dict[str, str]]:
    """Return the specification of every step of a stage, ``{step: {parameter: "float(default=4.0)"}}``."""
    steps = pipeline_class(stage).load_spec_file()["steps"]
    return {step: dict(steps[step]) for step in steps.sections}


def on_one_core(stage: str, steps: Steps) -> Steps:
    """
    Return settings with ``maximum_cores`` set to "1" in every step that has it, and log steps that asked for more.

    ``stage``: detector1, spec2 or spec3; ``steps``: not modified.
    """
    parallel = [step for step, known in specification(stage).items() if "maximum_cores" in known]
    for step in parallel:
        if (asked := str(steps.get(step, {}).get("maximum_cores", "1"))) not in ("1", "none"):
            logging.getLogger("stpipe.mrskit").warning(
                "%s.maximum_cores is 1 instead of %s: exposures run in parallel, and a step in a worker starts no "
                "processes of its own", step, asked,
            )  # fmt: skip
    return merged(steps, {step: {"maximum_cores": "1"} for step in parallel})


def pipeline_class(stage: str) -> type[Pipeline]:
    """Return the class of ``jwst.pipeline`` that runs a stage: ``detector1``, ``spec2`` or ``spec3``."""
    import jwst.pipeline

    return getattr(jwst.pipeline, PIPELINES[stage])


def effective_table(options: Options = DEFAULT_OPTIONS, role: str = "source", path: Path | None = None) -> list[Row]:
    """
    Return one row per parameter: the kit's value, the code's default, the value in the active CRDS parameter files.

    ``options``, ``role``: select the settings; ``path``: exposure whose keywords select the parameter files;
    by default a FASTR1 exposure in 12/SHORT.
    """
    rows = []
    for stage in PIPELINES:
        defaults, references = _defaults(stage), _reference_values(stage, path)
        for choice in (choice for choice in CHOICES if choice.stage == stage):
            where = (choice.step, choice.parameter)
            rows.append(Row(stage, *where, choice.resolve(options, role), defaults.get(where), references.get(where),
                            choice.why))  # fmt: skip
    return rows


def step_table(options: Options = DEFAULT_OPTIONS, path: Path | None = None) -> list[Row]:
    """Return one row per MRS step, in the pipeline's order, that shows whether the step is skipped."""
    explicit = {(row.stage, row.step): row for row in effective_table(options, path=path) if row.parameter == "skip"}
    rows = []
    for stage, names in MRS_STEPS.items():
        references = _reference_values(stage, path)
        for step in names:
            code = "default=True" in specification(stage)[step]["skip"].replace(" ", "")
            flight = references.get((step, "skip"))
            ours = code if flight is None else flight  # the kit does not set it
            rows.append(explicit.get((stage, step)) or Row(stage, step, "skip", ours, code, flight, LEFT_ALONE[step]))
    return rows


def steps(stage: str, options: Options, role: str) -> Steps:
    """Return the explicit settings of a stage for an exposure with this role."""
    found: Steps = {}
    for choice in CHOICES:
        if choice.stage == stage:
            found.setdefault(choice.step, {})[choice.parameter] = choice.resolve(options, role)
    return found


def _defaults(stage: str) -> dict[tuple[str, str], object]:
    """Return the code's defaults, after the steps' own validation."""
    with silence():
        pipeline = pipeline_class(stage)()
    return {(choice.step, choice.parameter): getattr(getattr(pipeline, choice.step), choice.parameter)
            for choice in CHOICES if choice.stage == stage}  # fmt: skip


def _reference_values(stage: str, path: Path | None) -> dict[tuple[str, str], object]:
    with silence():
        if path is None:
            found = pipeline_class(stage).get_config_from_reference(dict(_ANY_EXPOSURE), crds_observatory="jwst")
        else:
            found = pipeline_class(stage).get_config_from_reference(str(path))
    return {(step, name): value for step, values in found["steps"].items() for name, value in values.items()}


def _expect(name: str, known: dict, problem: str) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3) or sorted(known)
        raise PipelineError(f"{problem}; expected one of {', '.join(near)}", found=name)
