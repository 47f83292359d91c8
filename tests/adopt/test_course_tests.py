"""The course tests on a workspace that was adopted and is not finished."""

import subprocess
import sys

from mrskit.adopt import layout
from mrskit.resources import course_tests_folder


def test_the_course_tests_verify_an_adopted_workspace_that_is_not_finished(raw, tmp_path):
    for exposure in (1, 2, 4):  # of four dithers
        raw(tmp_path / "theirs" / f"a{exposure}_uncal.fits", exposure=exposure)
    for exposure in (1, 2):
        raw(
            tmp_path / "theirs" / f"b{exposure}_uncal.fits", observation=4, exposure=exposure, BKGDTARG=True, NUMDTHPT=2
        )
    layout.carry_out(layout.plan([tmp_path / "theirs"], tmp_path / "mine"))
    command = [sys.executable, "-m", "pytest", str(course_tests_folder()), "--workspace", str(tmp_path / "mine")]
    done = subprocess.run([*command, "-q", "-rs", "-p", "no:cacheprovider", "-k", "raw or products or 06"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 1, done.stdout[-3000:]
    assert "holds 3 raw files of 12:SHORT (dithers [1, 2, 4]), expected 4" in done.stdout
    assert "Observation 3 as a whole has 1 settings x 4 dithers = 4." in done.stdout
    assert "not made yet: stage1 of the source" in done.stdout and "Not answered yet." in done.stdout
    assert "2 failed" in done.stdout and "error" not in done.stdout.casefold()
