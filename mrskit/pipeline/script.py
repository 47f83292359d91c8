"""A plain script of the ``jwst`` pipeline that repeats the reduction of a workspace: `mrskit script`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mrskit.errors import PipelineError
from mrskit.kept import records
from mrskit.pipeline import parameters
from mrskit.pipeline.step_settings import CHOICES
from mrskit.references.context import variables
from mrskit.workspace import ROLES, Workspace

_HEAD = '''"""
The reduction of {root} with the jwst pipeline alone, as 'mrskit script' wrote it.

Run it with 'python {name}'. It reads the raw files of WORKSPACE and writes all products again, below OUTPUT, in folders
of the same names. The pipeline's messages go to the terminal. The products of the workspace were made with
{versions}.
"""

import os
from pathlib import Path

WORKSPACE = Path({root!r})
OUTPUT = Path({output!r}).resolve()
# The reference files. CRDS reads these variables when jwst is imported.
{variables}

from jwst.associations.asn_from_list import asn_from_list  # noqa: E402
from jwst.associations.lib.rules_level2_base import DMSLevel2bBase  # noqa: E402
from jwst.associations.lib.rules_level3_base import DMS_Level3_Base  # noqa: E402
from jwst.pipeline import Detector1Pipeline, Spec2Pipeline, Spec3Pipeline  # noqa: E402

try:  # mrskit's fast versions of slow functions: the same products, stage 2 some ten times sooner. Not necessary.
    from mrskit.pipeline.faster.acceleration import accelerated  # noqa: E402
except ImportError:
    from contextlib import nullcontext as accelerated  # noqa: E402

# The parameters of every step that matter. The pipeline uses its own defaults, and those of CRDS, for all others.
{steps}


def found(name):
    """Return a file of this reduction, or the file of the workspace if this reduction does not make it."""
    return str(OUTPUT / name if (OUTPUT / name).exists() else WORKSPACE / name)


def folder(name):
    """Return a folder of products, made if necessary."""
    (OUTPUT / name).mkdir(parents=True, exist_ok=True)
    return str(OUTPUT / name)


def written(association, path):
    """Write an association to a file and return the file's name."""
    path.write_text(association.dump()[1])
    return str(path)


def detector1(names, steps, to):
    """Run stage 1 on raw exposures: ramps become count rates."""
    for name in names:
        with accelerated("detector1"):
            Detector1Pipeline.call(found(name), steps=steps, save_results=True, output_dir=folder(to))


def spec2(members, steps, to):
    """Run stage 2 on one science exposure, and the exposures that correct it."""
    (science, _), *others = members
    product = Path(science).stem.rpartition("_")[0]
    association = asn_from_list([found(science)], rule=DMSLevel2bBase, product_name_func=lambda *_: product)
    association["products"][0]["members"] += [{{"expname": found(name), "exptype": kind}} for name, kind in others]
    path = written(association, Path(folder(to)) / f"{{product}}_asn.json")
    with accelerated("spec2"):
        Spec2Pipeline.call(path, steps=steps, save_results=True, output_dir=folder(to))


def spec3(association, product, members, steps, to):
    """Run stage 3 on calibrated exposures and background spectra: they become cubes and spectra."""
    items = [(found(name), kind) for name, kind in members]
    made = asn_from_list(items, rule=DMS_Level3_Base, product_name=product, with_exptype=True)
    path = written(made, Path(folder(to)) / f"{{association}}_asn.json")
    with accelerated("spec3"):
        Spec3Pipeline.call(path, steps=steps, save_results=True, output_dir=folder(to))


if __name__ == "__main__":
{calls}
'''


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of a stage, as its record tells it."""

    stage: str
    role: str
    association: str
    product: str
    members: tuple[tuple[str, str], ...]  # name relative to the workspace, and kind
    steps: str  # as JSON

    @property
    def folder(self) -> str:
        return f"{self.role.capitalize()}/stage{parameters.number(self.stage)}"


def write(workspace: Workspace, name: str = "reduction.py", output: str = "reduced") -> str:
    """
    Return a Python script that makes the products of a workspace again with calls of ``jwst.pipeline``.

    ``workspace``: after `mrskit reduce`: what was run, and with which parameters, comes from the records beside the
    products; ``name``: what the script tells to be run as; ``output``: folder that the script writes to.
    PipelineError if nothing has been reduced there; ReferenceCacheError if the workspace names no reference files.
    """
    runs = list(_runs(workspace))
    if not runs:
        raise PipelineError(f"{workspace.root}: nothing has been reduced here, so there is nothing to repeat. Run "
                            f"'mrskit reduce {workspace.root}' first.", path=workspace.root)  # fmt: skip
    names = _names(runs)
    steps = "\n".join(_literal(name, next(run for run in runs if run.steps == text)) for text, name in names.items())
    environment = "\n".join(f"os.environ[{name!r}] = {value!r}" for name, value in variables(workspace).items())
    versions = ", ".join(f"{package} {version}" for package, version in records.versions().items())
    calls = "\n".join(f"    {line}" for line in _calls(runs, names))
    return _HEAD.format(root=str(workspace.root), name=name, output=output, versions=versions, steps=steps,
                        variables=environment, calls=calls)  # fmt: skip


def _runs(workspace: Workspace) -> Iterator[_Run]:
    """Yield what the records tell, stage by stage: a run that is split by channel once."""
    found = {}
    for stage in parameters.PIPELINES:
        for role in ROLES:
            folder = workspace.stage(role, f"stage{parameters.number(stage)}") / records.FOLDER
            for path in sorted(folder.glob("*.json")):
                if (record := records.read(path)) is None or record.recipe.get("stage") != stage:
                    continue
                steps = {step: {key: value for key, value in values.items() if (step, key) != ("cube_build", "channel")}
                         for step, values in record.recipe["steps"].items()}  # fmt: skip
                places = {Path(entry.name).name: entry.name for entry in record.inputs}
                members = tuple((places[name], kind) for name, kind in record.recipe["members"])
                association = path.stem.partition("_channel-")[0]
                found[stage, role, association] = _Run(stage, role, association, record.recipe["product"], members,
                                                       json.dumps(steps, sort_keys=True))  # fmt: skip
    yield from found.values()


def _calls(runs: Iterable[_Run], names: dict[str, str]) -> Iterator[str]:
    first: dict[tuple[str, str], list[str]] = {}
    for run in runs:
        if run.stage == "detector1":
            first.setdefault((names[run.steps], run.folder), []).append(run.members[0][0])
    for (steps, folder), raw in first.items():
        yield from _call("detector1", raw, steps, folder)
    for run in runs:
        if run.stage == "spec2":
            yield from _call("spec2", list(run.members), names[run.steps], run.folder)
        elif run.stage == "spec3":
            yield from _call(f"spec3({run.association!r}, {run.product!r}, ", list(run.members), names[run.steps],
                             run.folder)  # fmt: skip


def _call(function: str, values: list, steps: str, folder: str) -> Iterator[str]:
    yield (function if "(" in function else f"{function}(") + "["
    yield from (f"    {value!r}," for value in values)
    yield f"], {steps}, to={folder!r})"


def _names(runs: Iterable[_Run]) -> dict[str, str]:
    """Return a name for each set of parameters: that of the stage, with the role where the roles differ."""
    names: dict[str, str] = {}
    for run in runs:
        if run.steps not in names:
            name = run.stage.upper() + ("_BACKGROUND" if run.role == "background" else "")
            same = sum(other.startswith(name) for other in names.values())
            names[run.steps] = f"{name}_{same + 1}" if same else name
    return names


def _literal(name: str, run: _Run) -> str:
    """Return the assignment of a steps dictionary: a step in one line, or each of its parameters where it is long."""
    order = list(dict.fromkeys(choice.step for choice in CHOICES if choice.stage == run.stage))
    steps = json.loads(run.steps)
    lines = []
    for step in sorted(steps, key=lambda step: order.index(step) if step in order else len(order)):
        line = f"    {step!r}: {steps[step]!r},"
        inner = [f"        {key!r}: {value!r}," for key, value in steps[step].items()]
        lines += [line] if len(line) < 117 else [f"    {step!r}: {{", *inner, "    },"]
    return "\n".join([f"{name} = {{", *lines, "}"])
