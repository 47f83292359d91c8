"""The pipeline's log goes to a file and nowhere else, and its digest tells what matters."""

import logging
import sys
import warnings

import pytest

from mrskit import logs
from mrskit.errors import ProductError

TEXT = """\
2026-11-22 23:00:00,000 - stpipe.step - INFO - Step Detector1Pipeline running with args ('a_uncal.fits',).
2026-11-22 23:00:01,000 - stpipe.step - INFO - Step emicorr running with args (<RampModel>,).
2026-11-22 23:00:01,100 - stpipe.step - INFO - Step skipped.
2026-11-22 23:00:02,000 - stpipe.step - INFO - Step jump running with args (<RampModel>,).
2026-11-22 23:00:03,000 - py.warnings - WARNING - UserWarning: Input association file contains path information
2026-11-22 23:00:03,500 - stcal.jump.jump - INFO - Total showers= 7
2026-11-22 23:00:04,500 - jwst.jump - WARNING - something that nobody expects
2026-11-22 23:00:04,600 - jwst.jump - WARNING - something that nobody expects
2026-11-22 23:00:06,250 - stpipe.step - INFO - Step jump done
a line that is no record
2026-11-22 23:00:09,500 - stpipe.step - INFO - Step Detector1Pipeline done
"""


@pytest.fixture
def log(tmp_path):
    """A short log of stage 1."""
    path = tmp_path / "one.log"
    path.write_text(TEXT)
    return path


def test_the_digest_gives_seconds_skipped_steps_warnings_that_matter_and_showers(log):
    digest = logs.digest(log)
    assert digest.seconds == 9.5
    assert digest.steps == {"jump": 4.25, "Detector1Pipeline": 9.5}
    assert digest.skipped == ("emicorr",)
    assert digest.warnings == ("something that nobody expects",)
    assert digest.showers == 7


def test_showers_are_none_when_the_ramp_is_too_short_to_look_for_them(log):
    line = "2026-11-22 23:00:03,600 - stcal.jump.jump - WARNING - Not enough differences for shower detections\n"
    log.write_text(TEXT.replace("Total showers= 7", "Total showers= 0") + line)
    digest = logs.digest(log)
    assert digest.showers is None
    assert "Not enough differences for shower detections" in digest.warnings


def test_a_log_that_is_not_there_is_an_error_with_the_next_command(tmp_path):
    with pytest.raises(ProductError, match=r"none\.log: no such file.*mrskit reduce"):
        logs.digest(tmp_path / "none.log")


def test_logs_warnings_and_prints_go_to_the_file_alone(tmp_path, capsys):
    logger = logging.getLogger("jwst.anything")
    parent = logging.getLogger("jwst")
    before = (parent.handlers[:], parent.level, parent.propagate)
    path = tmp_path / "logs" / "one.log"
    with logs.to_file(path):
        logger.info("an info")
        warnings.warn("a warning", stacklevel=1)
        print("a print")
        print("an error", file=sys.stderr)
    text = path.read_text()
    assert all(part in text for part in ("jwst.anything - INFO - an info", "a warning", "a print", "an error"))
    assert capsys.readouterr() == ("", "")
    assert (parent.handlers[:], parent.level, parent.propagate) == before


def test_everything_is_put_back_after_an_error(tmp_path):
    parent = logging.getLogger("stpipe")
    before = (parent.handlers[:], parent.level, parent.propagate, warnings.showwarning)
    with pytest.raises(ZeroDivisionError), logs.to_file(tmp_path / "one.log"):
        raise ZeroDivisionError
    assert (parent.handlers[:], parent.level, parent.propagate, warnings.showwarning) == before
    assert "ZeroDivisionError" in (tmp_path / "one.log").read_text()
