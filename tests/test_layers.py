"""Imports point one way, and the pipeline's packages are imported by two layers only."""

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import mrskit

LAYERS = [
    "errors", "error_hints", "resources", "cell", "entries", "card", "inventory", "reach", "room", "bands",
    "parameters", "plan", "workspace", "seed", "fitsfile", "units", "cube", "spectrum", "products", "observed",
    "manifest", "logs", "workers", "kept", "adopt", "references", "simulate", "fetch", "pipeline", "analysis",
    "plotting", "viewers", "exercises", "course", "answering", "answers", "lessons", "learner", "grading", "classroom",
    "checkup", "cli",
]  # fmt: skip
STAGES_OF_GRADING = ["intake", "run", "judging", "reports"]  # above the files at the top of ``grading``
PACKAGE = Path(mrskit.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))
NETWORK_CLIENTS = {"requests", "httpx", "urllib3", "astroquery", "aiohttp"}
PIPELINE_PACKAGES = {"jwst", "stdatamodels", "crds", "stcal", "stpipe", "asdf", "gwcs"}


@cache
def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module == "mrskit":
            names |= {f"mrskit.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def layer(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_its_own_layer_and_lower_ones(path):
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own == "__init__":
        return
    allowed = set(LAYERS[: LAYERS.index(own) + 1]) | {"", "__version__"}
    wrong = {name for name in imported(path) if name.startswith("mrskit") and layer(name) not in allowed}
    assert not wrong, f"{path.name} in layer {own} imports the higher layers {sorted(wrong)}"


@pytest.mark.parametrize("path", sorted((PACKAGE / "grading").rglob("*.py")), ids=lambda path: path.name)
def test_a_module_of_grading_imports_only_its_own_stage_and_earlier_ones(path):
    stages, own = STAGES_OF_GRADING, path.relative_to(PACKAGE / "grading").parts[0]
    later = set(stages[stages.index(own) + 1 :] if own in stages else stages)
    found = {name.split(".")[2] for name in imported(path) if name.startswith("mrskit.grading.")} & later
    assert not found, f"{path.name} imports the later stages {sorted(found)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_simulate_references_and_pipeline_import_the_jwst_packages(path):
    if path.relative_to(PACKAGE).parts[0] in ("simulate", "references", "pipeline"):
        return
    found = {name.split(".")[0] for name in imported(path)} & PIPELINE_PACKAGES
    assert not found, f"{path.relative_to(PACKAGE)} imports {sorted(found)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_fetch_imports_a_network_client(path):
    if path.relative_to(PACKAGE).parts[0] == "fetch":
        return
    found = {name.split(".")[0] for name in imported(path)} & NETWORK_CLIENTS
    assert not found, f"{path.relative_to(PACKAGE)} imports {sorted(found)}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_has_at_most_three_hundred_lines(path):
    if path.match("course/*/exercises.py"):  # a table of data, as long as the lesson has exercises
        return
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_the_command_line_starts_without_the_heavy_packages():
    code = (
        "import sys, mrskit.cli; "
        "print([m for m in ('jwst', 'scipy', 'matplotlib', 'astropy', 'dask') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_notebooks_are_read_without_a_grammar_for_addresses():
    code = "import sys, mrskit.cli, nbformat, nbclient, jupyter_client; print('lark' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"
