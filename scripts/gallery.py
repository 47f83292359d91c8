"""Put all figures of the executed lessons of a workspace on one page: python scripts/gallery.py WORKSPACE."""

from __future__ import annotations

import base64
import html
import io
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from PIL import Image

HEAD = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Figures of the lessons</title><style>
body { font: 16px/1.4 sans-serif; max-width: 60rem; margin: 1rem auto; padding: 0 1rem }
figure { margin: 2rem 0; border-top: 1px solid #ccc; padding-top: 1rem } img { max-width: 100% }
</style></head><body><h1>Figures of the lessons</h1>
"""


def figures(notebook: Path) -> Iterator[tuple[str, str, str]]:
    """Yield name, alternative text and picture (base64 of a PNG) of each figure of an executed notebook."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        for output in cell.get("outputs", ()):
            if picture := output.get("data", {}).get("image/png"):
                with Image.open(io.BytesIO(base64.b64decode(picture))) as opened:
                    yield opened.info.get("Title", "?"), opened.info.get("Description", "no text"), picture


def page(folder: Path) -> str:
    """Return the page of all executed notebooks in a folder, each figure with its name and alternative text."""
    parts = [HEAD]
    for notebook in sorted(folder.glob("[0-9][0-9]_*.ipynb")):
        parts.append(f"<h2>{html.escape(notebook.stem)}</h2>")
        for name, alt, picture in figures(notebook):
            words = html.escape(alt)
            shown = f'<img src="data:image/png;base64,{picture}" alt="{words}">'
            caption = f"<figcaption><strong>{html.escape(name)}</strong>. {words}</figcaption>"
            parts.append(f"<figure>{shown}{caption}</figure>")
    return "\n".join([*parts, "</body></html>\n"])


def main(workspace: Path) -> None:
    """Write ``gallery.html`` into a workspace, or say that no lesson of it has been run."""
    text = page(workspace / "Notebook")
    if "<figure>" not in text:
        sys.exit(f"{workspace}: no executed lesson with a figure in {workspace / 'Notebook'}. Run 'make demo' first.")
    (workspace / "gallery.html").write_text(text, encoding="utf-8")
    print(workspace / "gallery.html")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
