"""The benchmark of the line maps measures what it says."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).resolve().parents[2] / "benchmarks"))
    yield importlib.import_module("fits")
    sys.modules.pop("fits", None)


def test_the_maps_agree_with_lmfit_to_a_hundredth_of_the_error(module):
    cube = module.made_cube(20)
    found, seconds = module.compare(cube, module.line_map(cube, module.REST, module.REDSHIFT), 10)
    for quantity in module.QUANTITIES:
        assert np.abs(found[quantity]).max() < 0.01
        assert found[f"{quantity}_error"] == pytest.approx(1.0, abs=0.01)
    assert seconds > 0


def test_the_benchmark_prints_time_and_agreement(module, capsys):
    module.main(["--side", "12", "--sample", "5"])
    text = capsys.readouterr().out
    assert "144 spaxels, one Gaussian, all at once" in text and "times as long" in text
    assert text.count("largest difference") == 3
