"""What kernels import ahead is there: the server leaves out, without a word, what it cannot import."""

import importlib.util

import pytest

from mrskit.lessons.ahead import LESSON_MODULES


@pytest.mark.parametrize("name", LESSON_MODULES)
def test_every_module_that_is_imported_ahead_exists(name):
    assert importlib.util.find_spec(name) is not None
