"""
The pages can be read by everybody: headings, links, pictures and tables by markup, contrast and width in a browser.

The pages of the toy course are tested everywhere; those of the real lessons when there is an executed course
(``--workspace``, or the suite's own, which takes the pipeline). The browser is Chromium, where it is installed.
"""

import base64
import os
import re
import shutil
from pathlib import Path

import lxml.html
import pytest

from mrskit import workspace
from mrskit.answering.cards import Card
from mrskit.exercises.outcomes import LOOKS
from mrskit.lessons import report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
WIDTH = 1024  # pixels: a projector
WIDEST = 1900  # pixels of a figure: its 13 pt labels at 130 dots an inch are 12 px high on the page, 976 px wide
VAGUE = re.compile(r"(here|click here|this|link|this link|more|read more|page|file|https?://\S+)", re.IGNORECASE)

# Each text with its contrast to what lies behind it (WCAG 2.2, success criterion 1.4.3), where that is too low.
LOW_CONTRAST = """() => {
  const parse = c => { const n = c.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
  const over = (a, b) => [0, 1, 2].map(i => a[i] * a[3] + b[i] * (1 - a[3])).concat(1);
  const light = c => { const l = c.slice(0, 3).map(v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
  const behind = e => { const layers = [];
    for (; e; e = e.parentElement) layers.push(parse(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((under, layer) => over(layer, under), [255, 255, 255, 1]); };
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), e = walker.currentNode.parentElement;
    if (!text || ["STYLE", "SCRIPT"].includes(e.tagName) || !e.checkVisibility()) continue;
    const style = getComputedStyle(e), back = behind(e), front = over(parse(style.color), back);
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a), ratio = (high + 0.05) / (low + 0.05);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) found.push(`${ratio.toFixed(2)}: ${text.slice(0, 40)}`);
  }
  return found;
}"""
# Whatever is wider than its box, so that a part of it is cut off or has to be scrolled to.
TOO_WIDE = """() => [document.documentElement, ...document.body.querySelectorAll("*")]
  .filter(e => e.checkVisibility() && getComputedStyle(e).display !== "inline" && e.scrollWidth > e.clientWidth + 1)
  .map(e => `${e.tagName}.${e.className}: ${e.scrollWidth} > ${e.clientWidth}, ${e.textContent.trim().slice(0, 60)}`)"""


def page_problems(text: str) -> list[str]:
    """Return what in the markup of a page keeps somebody from reading it."""
    root = lxml.html.document_fromstring(text)
    found = [] if root.get("lang") == "en" else ["the page has no language"]
    return found + heading_problems(root) + content_problems(root)


def heading_problems(root) -> list[str]:
    """Return what is wrong with the headings: one h1, no level skipped, none empty, none twice."""
    headings = root.xpath("//h1|//h2|//h3|//h4|//h5|//h6")
    levels = [int(heading.tag[1]) for heading in headings]
    words = [heading.text_content().replace("¶", "").strip() for heading in headings]
    found = [] if levels.count(1) == 1 and levels[0] == 1 else [f"headings begin {levels[:3]}, h1 x {levels.count(1)}"]
    pairs = zip(levels, levels[1:], words[1:], strict=False)
    found += [f"h{high} is followed by h{low}: {text}" for high, low, text in pairs if low > high + 1]
    found += [f"an empty h{level}" for level, text in zip(levels, words, strict=True) if not text]
    return found + sorted(f"two headings {text!r}" for text in set(words) if words.count(text) > 1)


def content_problems(root) -> list[str]:
    """Return what is wrong with pictures, links, tables and ids."""
    found = []
    for picture in root.xpath("//img|//*[local-name()='svg']"):
        alt = picture.get("alt") or ""
        if len(alt) < 15 or alt.startswith("No description") or re.search(r"\.(png|jpe?g|svg)$", alt):
            found.append(f"a picture is described by {alt!r}")
        if (wide := png_width(picture.get("src") or "")) > WIDEST:
            found.append(f"a picture has {wide} pixels, so that its text is tiny on the page: {alt[:40]}")
    for link in root.xpath("//a[@href][not(contains(@class, 'anchor-link'))]"):
        if not link.text_content().strip() or VAGUE.fullmatch(link.text_content().strip()):
            found.append(f"a link says {link.text_content()!r}")
    for table in root.xpath("//table"):
        heads = table.xpath(".//tr[1]/th")
        if not heads or not any(head.text_content().strip() for head in heads):
            found.append(f"a table has no headings: {' '.join(table.text_content().split())[:40]}")
    ids = [element.get("id") for element in root.xpath("//*[@id]")]
    found += sorted(f"the id {name!r} stands twice" for name in set(ids) if ids.count(name) > 1)
    anchors = {link.get("href")[1:] for link in root.xpath("//a[starts-with(@href, '#')]")}
    return found + sorted(f"a link leads to #{name}, which is nowhere" for name in anchors - set(ids))


def png_width(source: str) -> int:
    """Return the width in pixels of a PNG picture inside a page, 0 for any other."""
    kind, _, data = source.partition(";base64,")
    return int.from_bytes(base64.b64decode(data[:64])[16:20], "big") if kind == "data:image/png" else 0


@pytest.fixture(scope="session")
def browser(player):
    """Headless Chromium, or a skip that says how to get it."""
    program = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if program is None:
        pytest.skip("no Chromium here, so contrast and width are not measured: install it (apt-get install chromium)")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    opened = player.chromium.launch(executable_path=program, args=sandbox)
    yield opened
    opened.close()


def seen(browser, path: Path, script: str, width: int = WIDTH) -> list[str]:
    """Return what a script finds on a page, all details open, in a window of a width in pixels."""
    page = browser.new_page(viewport={"width": width, "height": 768})
    try:
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
        return page.evaluate(script)
    finally:
        page.close()


@pytest.fixture(scope="session")
def lesson_pages(request, tmp_path_factory) -> list[Path]:
    """The executed lessons as pages."""
    root = request.config.getoption("--workspace")
    space = request.getfixturevalue("solved_workspace") if root is None else workspace.open_workspace(root)
    folder = tmp_path_factory.mktemp("pages")
    for notebook in sorted((space.root / "Notebook").glob("*.ipynb")):
        (folder / f"{notebook.stem}.html").write_text(report.lesson_page(notebook), encoding="utf-8")
    return sorted(folder.glob("*.html"))


@pytest.fixture
def toy_pages(reported) -> list[Path]:
    """The report of the toy course and the pages of its lessons."""
    return [reported.root / "report.html", *sorted((reported.root / "report").glob("*.html"))]


@pytest.fixture
def cards_page(tmp_path) -> Path:
    """A page in a dark theme with a card of each outcome."""
    cards = "".join(
        Card(look.symbol, look.words, ("Your answer: 1 s",), look.border, look.colour).html() for look in LOOKS.values()
    )
    path = tmp_path / "cards.html"
    dark = f'<body style="background:#111;color:#eee">{cards}</body>'
    path.write_text(f'<!DOCTYPE html><html lang="en"><title>Cards</title>{dark}</html>', encoding="utf-8")
    return path


def test_the_markup_of_report_and_toy_pages_is_sound(toy_pages):
    assert {path.name: page_problems(path.read_text(encoding="utf-8")) for path in toy_pages} == {
        path.name: [] for path in toy_pages
    }


def test_report_and_toy_pages_are_readable_at_the_width_of_a_projector_and_of_a_telephone(toy_pages, browser):
    for path in toy_pages:
        assert seen(browser, path, LOW_CONTRAST) == [], path.name
        assert seen(browser, path, TOO_WIDE) == [], path.name
        assert seen(browser, path, "() => [document.documentElement.scrollWidth]", width=400) == [400], path.name


def test_the_words_and_the_border_of_every_card_stand_out_from_the_page(cards_page, browser):
    assert seen(browser, cards_page, LOW_CONTRAST) == []
    for colour in {look.colour for look in LOOKS.values()}:
        parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        brightness = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (brightness + 0.05) >= 3, f"{colour}: a border needs a contrast of 3 (WCAG 2.2, 1.4.11)"


@pytest.mark.pipeline
def test_the_markup_of_the_executed_lessons_is_sound(lesson_pages):
    assert {path.name: page_problems(path.read_text(encoding="utf-8")) for path in lesson_pages} == {
        path.name: [] for path in lesson_pages
    }


@pytest.mark.pipeline
def test_the_executed_lessons_are_readable_at_the_width_of_a_projector_and_of_a_telephone(lesson_pages, browser):
    for path in lesson_pages:
        assert seen(browser, path, LOW_CONTRAST) == [], path.name
        assert seen(browser, path, TOO_WIDE) == [], path.name
        assert seen(browser, path, "() => [document.documentElement.scrollWidth]", width=400) == [400], path.name


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("<h1>A</h1><h3>B</h3>", "h1 is followed by h3: B"),
        ("<h2>A</h2>", "headings begin [2], h1 x 0"),
        ("<h1>A</h1><h2>B</h2><h2>B</h2>", "two headings 'B'"),
        ("<h1>A</h1><h2></h2>", "an empty h2"),
        ("<h1>A</h1><img src='x.png' alt='plot.png'>", "a picture is described by 'plot.png'"),
        ("<h1>A</h1><img src='x.png'>", "a picture is described by ''"),
        ("<h1>A</h1><a href='x'>here</a>", "a link says 'here'"),
        ("<h1>A</h1><a href='#b'>section B</a>", "a link leads to #b, which is nowhere"),
        ("<h1>A</h1><table><tr><td>1</td></tr></table>", "a table has no headings: 1"),
        ("<h1>A</h1><p id='a'>1</p><p id='a'>2</p>", "the id 'a' stands twice"),
    ],
)
def test_each_kind_of_fault_is_found(body, problem):
    assert page_problems(f"<!DOCTYPE html><html lang='en'><body>{body}</body></html>") == [problem]


def test_low_contrast_and_too_much_width_are_found(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<p style='color:#999'>pale</p><p style='color:#767676'>fair</p><p style='width:1300px'>wide</p>")
    assert seen(browser, path, LOW_CONTRAST) == ["2.85: pale"]
    assert any(item.startswith("HTML") for item in seen(browser, path, TOO_WIDE))
