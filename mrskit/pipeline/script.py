"""Write a plain ``jwst`` script that repeats the reduction of a workspace (`mrskit script`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2

from mrskit.errors import PipelineError
from mrskit.kept import records
from mrskit.pipeline import parameters
from mrskit.pipeline.step_settings import CHOICES
from mrskit.references.context import variables
from mrskit.workspace import ROLES, Workspace

_TEMPLATE = Path(__file__).parent / "templates" / "reduction.py.j2"


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of a stage, read from its record."""

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
    Return a Python script that reproduces the products of a workspace by calls to ``jwst.pipeline``.

    ``workspace``: after `mrskit reduce`; the runs and their parameters come from the records next to the
    products; ``name``: file name of the script in its usage line; ``output``: folder that the script writes to.
    PipelineError if nothing has been reduced there; ReferenceCacheError if the workspace names no reference files.
    """
    runs = list(_runs(workspace))
    if not runs:
        raise PipelineError(f"{workspace.root}: this workspace has not been reduced, so there is no reduction to "
                            f"write. Run 'mrskit reduce {workspace.root}' first.", path=workspace.root)  # fmt: skip
    names = _names(runs)
    steps = [_literal(name, next(run for run in runs if run.steps == text)) for text, name in names.items()]
    versions = ", ".join(f"{package} {version}" for package, version in records.versions().items())
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    environment.filters["repr"] = repr
    return environment.from_string(_TEMPLATE.read_text(encoding="utf-8")).render(
        root=str(workspace.root), name=name, output=output, versions=versions, steps=steps,
        variables=variables(workspace), calls=_calls(runs, names),
    )  # fmt: skip


def _runs(workspace: Workspace) -> Iterator[_Run]:
    """Yield the recorded runs, stage by stage; a run that is split by channel appears once."""
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
    """Return a name for each set of parameters: the stage, plus the role where the roles differ."""
    names: dict[str, str] = {}
    for run in runs:
        if run.steps not in names:
            name = run.stage.upper() + ("_BACKGROUND" if run.role == "background" else "")
            same = sum(other.startswith(name) for other in names.values())
            names[run.steps] = f"{name}_{same + 1}" if same else name
    return names


def _literal(name: str, run: _Run) -> str:
    """Return the code for a steps dictionary, with one line per step, or one per parameter for a long step."""
    order = list(dict.fromkeys(choice.step for choice in CHOICES if choice.stage == run.stage))
    steps = json.loads(run.steps)
    lines = []
    for step in sorted(steps, key=lambda step: order.index(step) if step in order else len(order)):
        line = f"    {step!r}: {steps[step]!r},"
        inner = [f"        {key!r}: {value!r}," for key, value in steps[step].items()]
        lines += [line] if len(line) < 117 else [f"    {step!r}: {{", *inner, "    },"]
    return "\n".join([f"{name} = {{", *lines, "}"])
