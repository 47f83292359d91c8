"""Write one HTML report for a workspace, and a page per executed lesson; the pages need no network."""

from __future__ import annotations

import base64
import html
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path

import jinja2
import nbformat
from markupsafe import Markup
from nbconvert import HTMLExporter
from nbconvert.preprocessors import Preprocessor
from PIL import Image
from pygments.formatters import HtmlFormatter

from mrskit import __version__
from mrskit.answering.judge import Scorecard
from mrskit.card import Card
from mrskit.exercises.outcomes import LOOKS
from mrskit.lessons.index import lesson, read_notebook, title
from mrskit.references import own_cache
from mrskit.seed import is_secret
from mrskit.workspace import Workspace, write_text

PAGES = "report"  # folder of the executed lessons, next to report.html
_TEMPLATES = Path(__file__).parent / "templates"
_MISSING = "No description"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_SECTION = re.compile(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link".*?</h2>', re.DOTALL)
LARGE = 200_000  # bytes; for larger PNG files the report has a JPEG, but the lesson's page keeps the PNG


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the learner's figures in the report."""

    name: str
    alt: str  # description for readers who cannot see the figure
    source: str  # data URL of the picture


class _Plain(Preprocessor):
    """Leave out content that a page cannot show: records of answers (for programs) and interactive views."""

    def preprocess_cell(self, cell: nbformat.NotebookNode, resources: dict, index: int) -> tuple:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if _WIDGET in data:
                data.clear()
                data["text/html"] = '<p class="interactive">The notebook has an interactive view here.</p>'
            for name in [name for name in data if name.startswith("application/")]:
                del data[name]
        return cell, resources


def write_report(workspace: Workspace, card: Scorecard) -> Path:
    """
    Write ``report.html`` and a page for every executed lesson, and return the report's path.

    Parameters
    ----------
    workspace : Workspace
        Workspace whose figures and executed notebooks (folder ``Notebook``) are shown.
    """
    pages = {}
    for item in card.lessons:
        notebook = workspace.root / "Notebook" / f"{item.name}.ipynb"
        if notebook.is_file():
            page = workspace.root / PAGES / f"{item.name}.html"
            write_text(page, lesson_page(notebook))
            pages[item.name] = f"{PAGES}/{page.name}"
    noted = workspace.card()
    text = _render(
        "report.html.j2", card=card, pages=pages, looks=LOOKS, simulated=noted.simulated,
        lessons={item.name: lesson(item.name) for item in card.lessons},
        figures={item.name: figures(workspace, item.name[:2]) for item in card.lessons},
        provenance=provenance(noted),
    )  # fmt: skip
    path = workspace.root / "report.html"
    write_text(path, text)
    return path


def lesson_page(path: Path) -> str:
    """
    Return an executed notebook as one HTML page with embedded figures.

    Raises
    ------
    LessonError
        If the file is not a notebook.
    """
    notebook = read_notebook(path)
    exporter = HTMLExporter(template_name="basic", preprocessors=[_Plain], sanitize_html=False)
    body, _ = exporter.from_notebook_node(notebook)
    body = body.replace("<table", '<div class="table"><table').replace("</table>", "</table></div>")
    contents = [(anchor, html.unescape(Markup(text).striptags())) for anchor, text in _SECTION.findall(body)]
    return _render(
        "lesson.html.j2", name=path.stem, title=title(notebook) or path.stem, body=Markup(body), contents=contents,
        highlighting=Markup(HtmlFormatter().get_style_defs(".highlight")),
    )  # fmt: skip


def figures(workspace: Workspace, number: str) -> tuple[Figure, ...]:
    """Return the figures in ``Plots/`` whose names start with a lesson's number, e.g. ``03``."""
    found = []
    for path in sorted(workspace.plots.glob(f"{number}[-_]*.png")):
        with Image.open(path) as picture:
            alt = str(picture.info.get("Description", _MISSING))
            kind, data = ("png", path.read_bytes()) if path.stat().st_size < LARGE else ("jpeg", _smaller(picture))
        found.append(Figure(path.stem, alt, f"data:image/{kind};base64,{base64.b64encode(data).decode('ascii')}"))
    return tuple(found)


def _smaller(picture: Image.Image) -> bytes:
    """Return a picture as JPEG, because noisy detector images give PNG files of several megabytes."""
    buffer = io.BytesIO()
    flat = Image.new("RGB", picture.size, "white")
    flat.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    flat.save(buffer, "JPEG", quality=85, optimize=True)
    return buffer.getvalue()


def provenance(noted: Card) -> dict[str, str]:
    """Return the information needed to repeat the course, from the entries of ``workspace.json``."""
    table = {"mrskit": __version__}
    if noted.seed is not None and is_secret(noted.seed):
        noted = replace(noted, seed=None, scene="")
    words = {
        "seed": "Seed", "profile": "Profile", "settings": "Settings", "scene": "Digest of the scene",
        "perfect": "References equal the simulated instrument", "references": "Reference cache",
    }  # fmt: skip
    for key, word in words.items():
        value = getattr(noted, key)
        if value or (key == "perfect" and noted.simulated) or (key == "seed" and value is not None):
            table[word] = _text(value)
    if own_cache.read_card(Path(noted.references)):
        table["CRDS context"] = own_cache.CONTEXT
    return table | {f"Version of {name}": str(value) for name, value in sorted(noted.versions.items())}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)


def _render(template: str, **values: object) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    style = Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))
    return environment.get_template(template).render(style=style, **values)
