"""What learners add to cells of the release is kept as their own code; changed lines are told, and not used."""

import nbformat
import pytest

from mrskit.grading.intake import intake, release
from mrskit.grading.intake.additions import LONGEST, Additions, additions
from mrskit.lessons.index import notebook_path, read_notebook

BEGIN = """\
import numpy as np
from mrskit import answers, products

space = answers.begin("06_analysis", workspace)
print(space.root)
"""
STEP = release.Step("begin", BEGIN)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (BEGIN.replace("\n\n", "\n# my notes\n"), Additions()),
        (f"import math, numpy as np\nimport os.path\n{BEGIN}", Additions(before="import math\nimport os.path")),
        (BEGIN.replace("products\n", "products, records\n"), Additions(before="from mrskit import records")),
        (
            BEGIN + "@np.vectorize\ndef half(x): return x / 2\nSIX: int = 6",
            Additions(before="SIX: int = 6", after="@np.vectorize\ndef half(x):\n    return x / 2"),
        ),
        (BEGIN + "cubes = space.root\nfirst = cubes", Additions(after="cubes = space.root\nfirst = cubes")),
        (BEGIN.replace("print(space.root)", "print('mine')"), Additions(changed=("line 5 (print('mine'))",))),
        (BEGIN + "for space in (1, 2): pass", Additions(changed=("line 6 (for space in (1, 2): pass)",))),
        (BEGIN + "%matplotlib inline", Additions(changed=("line 6 (%matplotlib inline)",))),
        (BEGIN + "def answers(): pass", Additions(changed=("line 6 (def answers(): pass)",))),
        (BEGIN + "x = (", Additions(changed=("the code is not valid Python",))),
        ("%%bash\n" + BEGIN, Additions(changed=("the code is not valid Python",))),
        (BEGIN + "x = " + "-" * 15_000 + "1", Additions(changed=("the code is not valid Python",))),
        (BEGIN + "x = " + "1" * LONGEST, Additions(changed=("the code is not valid Python",))),
    ],
)
def test_statements_are_kept_where_they_can_run_or_told_as_changed_lines(source, expected):
    assert additions(source, STEP) == expected


def test_of_parameters_what_every_computer_sets_otherwise_is_no_change():
    step = next(step for step in release.release("06_analysis") if step.parameters)
    source = step.source.replace('"work/demo"', '".."').replace('"local"', '"none"')
    assert additions(source, step) == Additions()
    changed = additions(source.replace('"SHORT"', '"LONG"') + "\nC = 299792.458", step)
    assert changed.before == "C = 299792.458"
    assert [line.partition(" ")[0] for line in changed.changed] == ["line"] and 'use_band = "LONG"' in changed.changed[
        0
    ]


def test_what_is_added_stands_before_the_cell_or_behind_it_and_the_cell_itself_is_that_of_the_release(tmp_path):
    notebook = read_notebook(notebook_path("06_analysis"))
    shipped = release.release("06_analysis")
    place = next(n for n, step in enumerate(shipped) if "answers.begin(" in step.source)
    cell = next(cell for cell in notebook.cells if cell.id == shipped[place].id)
    cell.source = f"import math\n{cell.source}\nname = space.root.name\nspace = None"
    path = tmp_path / "ada.ipynb"
    path.write_text(nbformat.writes(notebook), encoding="utf-8")
    (taken,) = intake.collect(path)
    assert [(item.after, item.source) for item in taken.own] == [
        (shipped[place - 1].id, "import math"), (shipped[place].id, "name = space.root.name")]  # fmt: skip
    (note,) = taken.notes
    assert note.startswith("changed and not used: the cell 'import numpy") and note.endswith("(space = None)")
