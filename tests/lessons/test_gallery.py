"""The page with all figures of the executed lessons."""

import importlib.util
from pathlib import Path

import matplotlib.pyplot as plt
import nbformat
import pytest

from mrskit.plotting import style

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "gallery.py"


@pytest.fixture(scope="module")
def gallery():
    spec = importlib.util.spec_from_file_location("gallery", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def executed(path, pictures):
    """Write a notebook whose only cell shows these pictures."""
    outputs = [nbformat.v4.new_output("display_data", {"image/png": picture}) for picture in pictures]
    cell = nbformat.v4.new_code_cell("draw()", outputs=outputs)
    path.parent.mkdir(exist_ok=True)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)


def test_the_page_shows_each_figure_of_each_lesson_with_name_and_alternative_text(gallery, space, monkeypatch, capsys):
    from base64 import b64encode

    pictures = []
    monkeypatch.setattr(style, "_display", lambda picture, alt: pictures.append(b64encode(picture).decode()))
    style.use(space)
    for name, alt in (("01-one", 'A curve "rises".'), ("01-two", "a < b"), ("02-three", "Dots.")):
        figure, _ = plt.subplots(figsize=(1, 1))
        style.finish(figure, name, alt)
    executed(space.root / "Notebook" / "01_setup.ipynb", pictures[:2])
    executed(space.root / "Notebook" / "02_raw_overview.ipynb", pictures[2:])
    gallery.main(space.root)
    assert capsys.readouterr().out == f"{space.root / 'gallery.html'}\n"
    text = (space.root / "gallery.html").read_text(encoding="utf-8")
    order = ["<h2>01_setup</h2>", "<strong>01-one</strong>. A curve &quot;rises&quot;.", 'alt="a &lt; b"',
             "<h2>02_raw_overview</h2>", "<strong>02-three</strong>. Dots."]  # fmt: skip
    places = [text.index(words) for words in order]
    assert places == sorted(places) and text.count("<figure>") == 3
    assert all(f"base64,{picture}" in text for picture in pictures) and "http" not in text


def test_a_workspace_without_executed_lessons_gets_no_page_and_is_told_what_to_do(gallery, space):
    with pytest.raises(SystemExit, match="no executed lesson with a figure"):
        gallery.main(space.root)
    assert not (space.root / "gallery.html").exists()
