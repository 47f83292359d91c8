"""The report says what the scorecard says, for every reader and without a network."""

import re
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import nbformat
import numpy as np

from mrskit import workspace
from mrskit.answering.judge import scorecard
from mrskit.lessons import demo, report

LINKS = {"src", "href", "srcset", "data"}


class Page(HTMLParser):
    """Collects the targets of links, the pictures and the text of a page."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.pictures, self.tags, self.words, self.ids = [], [], set(), [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.add(tag)
        self.targets += [values[name] for name in LINKS & values.keys()]
        self.ids.add(values.get("id"))
        if tag == "img":
            self.pictures.append(values.get("alt", ""))

    def handle_data(self, data):
        self.words.append(data)


def page_of(path):
    return Page(path.read_text(encoding="utf-8"))


def test_the_report_shows_sums_verdicts_provenance_and_that_the_data_are_simulated(reported):
    text = " ".join(" ".join(page_of(reported.root / "report.html").words).split())
    for words in (
        "3 of 6 exercises passed, 5 of 10 points", "SIMULATED data.", "01-time", "Right: a minute of 60 s.",
        "Not answered yet", "abc123", "2732", "Version of jwst 3.0.0", "A line that rises <fast>.",
    ):  # fmt: skip
        assert words in text, words


def test_nothing_in_the_pages_is_loaded_from_a_network_and_all_links_lead_somewhere(reported):
    for path in (reported.root / "report.html", *(reported.root / "report").glob("*.html")):
        page = page_of(path)
        assert "script" not in page.tags
        assert not re.search(r"url\(|@import", path.read_text(encoding="utf-8"))
        for target in page.targets:
            place, _, anchor = target.partition("#")
            if place.startswith(("data:image/png;base64,", "data:image/jpeg;base64,")):
                continue
            assert not re.match(r"\w+:|//", place), target
            linked = (path.parent / place).resolve() if place else path
            assert linked.is_file(), target
            assert not anchor or anchor in page_of(linked).ids, target


def test_every_picture_has_a_description_and_every_page_a_language_and_title(reported):
    for path in (reported.root / "report.html", *(reported.root / "report").glob("*.html")):
        page = page_of(path)
        assert all(page.pictures)
        assert '<html lang="en">' in path.read_text(encoding="utf-8") and "title" in page.tags


def test_the_page_of_a_lesson_shows_text_code_and_the_cards(reported):
    text = " ".join(page_of(reported.root / "report" / "01_sums.html").words)
    assert "Two and two, and what follows." in text
    assert "Right" in text and "Your answer: 60 s" in text
    assert "application/vnd" not in text


def test_a_large_figure_is_embedded_smaller(tmp_path):
    space = workspace.create(tmp_path)
    noise = np.random.default_rng(1).integers(0, 255, (400, 400, 4), dtype=np.uint8)
    plt.imsave(space.plots / "02-noise.png", noise)
    size = (space.plots / "02-noise.png").stat().st_size
    (figure,) = report.figures(space, "02")
    assert size > report.LARGE
    assert figure.source.startswith("data:image/jpeg;base64,") and len(figure.source) < size


def test_a_notebook_without_heading_gets_its_file_name_as_title(tmp_path):
    path = tmp_path / "notes.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("No heading.")]), path)
    assert "<title>notes</title>" in report.lesson_page(path)


def page_with(tmp_path, *cells):
    path = tmp_path / "lesson.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=list(cells)), path)
    return report.lesson_page(path)


def test_a_page_says_where_an_interactive_view_stands_in_the_notebook(tmp_path):
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "HBox(children=())"}
    cell = nbformat.v4.new_code_cell("blink()", outputs=[nbformat.v4.new_output("display_data", view)])
    text = page_with(tmp_path, nbformat.v4.new_markdown_cell("# Blink"), cell)
    assert "The notebook has an interactive view here." in text
    assert "HBox" not in text and "model_id" not in text


def test_a_page_begins_with_links_to_its_sections(tmp_path):
    text = page_with(tmp_path, nbformat.v4.new_markdown_cell("# A\n\n## 1 · Is *x* < `y`?\n\n### Deeper"))
    page = Page(text)
    contents = text[text.index('<nav class="contents"') : text.rindex("</nav>")]
    assert ">1 · Is x &lt; y?</a>" in contents and "Deeper" not in contents
    assert {target[1:] for target in page.targets if target.startswith("#")} <= page.ids


def test_a_wide_table_gets_a_box_of_its_own_to_scroll_in(tmp_path):
    text = page_with(tmp_path, nbformat.v4.new_markdown_cell("| a | b |\n|---|---|\n| 1 | 2 |"))
    assert '<div class="table"><table>' in text and "</table></div>" in text


def test_a_lesson_that_was_not_run_is_named_as_such(toy, space):
    path = report.write_report(space, scorecard(space))
    words = page_of(path).words
    assert words.count("not run") == 2
    assert "SIMULATED data." not in words


def test_the_demo_makes_and_reduces_data_runs_the_solved_lessons_and_leaves_scorecard_and_report(
    toy, tmp_path, monkeypatch
):
    made = []
    monkeypatch.setattr(demo, "make_data", lambda space, seed, **options: made.append((space.root, seed)))
    monkeypatch.setattr(demo, "reduce_data", lambda space, **options: made.append("reduced"))
    told = []
    card = demo.run_demo(tmp_path / "demo", seed=7, progress=told.append)
    assert made == [(tmp_path / "demo", 7), "reduced"]
    assert (card.passed, card.exercises) == (6, 6)
    assert {path.name for path in (tmp_path / "demo").iterdir()} >= {"scorecard.json", "report.html", "report"}
    assert told[-1].startswith("6 of 6 exercises passed")
