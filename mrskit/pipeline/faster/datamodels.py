"""Data models without what is done twice: values checked again, schemas parsed again, the WCS copied."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache

from mrskit.pipeline.faster import patches

_SWITCH = "VALIDATE_ON_ASSIGNMENT"  # of stdatamodels
SCHEMAS = "mrskit: schemas of file metadata parsed once a process"
COPIES = "mrskit: copies of a model share its WCS, which no step changes"


@contextmanager
def checked_once() -> Iterator[None]:
    """
    Check data models when they are written, not also at every assignment and every time a file is opened.

    Both checks have switches of their own in stdatamodels and asdf; values and files are the same without them.
    """
    import asdf

    before = os.environ.get(_SWITCH)
    os.environ[_SWITCH] = "false"
    try:
        with asdf.config_context() as config:
            config.validate_on_read = False
            yield
    finally:
        if before is None:
            os.environ.pop(_SWITCH, None)
        else:
            os.environ[_SWITCH] = before


def schemas_parsed_once() -> AbstractContextManager[None]:
    """
    Give a context in which asdf keeps the schemas that it has parsed.

    asdf parses the YAML text of a schema whenever another one refers to it, some 350 times an exposure.

    PipelineError on entering, if another version of jwst is installed than the one that this is tested with.
    """
    return patches.wrapped("asdf.schema", "_make_schema_loader", _keeping_loader, (), SCHEMAS)


def copies_share_wcs() -> AbstractContextManager[None]:
    """
    Give a context in which a copy of a data model refers to the WCS of the original instead of copying it.

    A copy of the WCS of an MRS exposure takes some hundred thousand calls of ``copy.deepcopy``; stages 2 and 3 make
    it once, in the first step of stage 2, and only read it afterwards.

    PipelineError on entering, if another version of jwst is installed than the one that this is tested with.
    """
    return patches.added("gwcs.wcs", "WCS", "__deepcopy__", _itself, COPIES)


def _itself(wcs: object, _memo: dict) -> object:
    return wcs


@cache
def _keeping_loader(original: Callable) -> Callable:
    """Return a maker of schema loaders that hands out one loader, which remembers what it has loaded."""
    loader = cache(original())
    return lambda: loader
