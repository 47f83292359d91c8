"""The examples in the docstrings of mrskit.analysis are true."""

import doctest
import importlib
import pkgutil

import pytest

from mrskit import analysis

MODULES = [item.name for item in pkgutil.iter_modules(analysis.__path__)]
STUDENTS = [  # what the lessons call, or a student would
    "catalogue.find_line", "catalogue.line_free", "catalogue.neighbours",
    "catalogue.separation", "features.span", "fits.fit_line", "gaussians.instrument_sigma",
    "masks.completeness", "masks.false_share", "masks.peak_patch", "regions.ellipse",
    "sampling.point_fwhm", "selection.noise_of", "spectra.convert",
    "whole.leak_excess", "whole.steps",
]  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name):
    module = importlib.import_module(f"mrskit.analysis.{name}")
    runner = doctest.DocTestRunner(verbose=False)
    failed = [test.name for test in doctest.DocTestFinder().find(module) if runner.run(test).failed]
    assert not failed


@pytest.mark.parametrize("name", STUDENTS)
def test_what_students_call_has_an_example(name):
    module, function = name.split(".")
    docstring = getattr(importlib.import_module(f"mrskit.analysis.{module}"), function).__doc__
    assert doctest.DocTestParser().get_examples(docstring)
