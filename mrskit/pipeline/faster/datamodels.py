"""Avoid repeated work on data models: value checks, schema parsing, header reading, copies of the WCS."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path

from mrskit.pipeline.faster import patches

_SWITCH = "VALIDATE_ON_ASSIGNMENT"  # of stdatamodels
SCHEMAS = "mrskit: schemas of file metadata parsed once a process"
COPIES = "mrskit: copies of a model share its WCS, which no step changes"
METADATA = "mrskit: headers of the exposures of an association read once"
PARAMETERS = "mrskit: parameters of WCS models copied attribute by attribute"

_FIXED = frozenset({type(None), bool, int, float, str, type(len), type(lambda: None)})  # copies are the same object


@contextmanager
def checked_once() -> Iterator[None]:
    """
    Check data models only when they are written, not at every assignment and every time a file is opened.

    stdatamodels and asdf have switches for both checks; values and files are the same without them.
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
    Return a context in which asdf caches parsed schemas.

    asdf parses a schema's YAML text whenever a different schema refers to it, about 350 times per exposure.

    PipelineError on entering, if the installed jwst is not the tested version.
    """
    return patches.wrapped("asdf.schema", "_make_schema_loader", _keeping_loader, (), SCHEMAS)


def copies_share_wcs() -> AbstractContextManager[None]:
    """
    Return a context in which a copy of a data model refers to the WCS of the original instead of copying it.

    Copying the WCS of an MRS exposure takes about a hundred thousand calls of ``copy.deepcopy``. Stages 2 and 3 make
    the WCS once, in the first step of stage 2, and only read it afterwards.

    PipelineError on entering, if the installed jwst is not the tested version.
    """
    return patches.added("gwcs.wcs", "WCS", "__deepcopy__", _itself, COPIES)


def _itself(wcs: object, _memo: dict) -> object:
    return wcs


@contextmanager
def headers_read_once() -> Iterator[None]:
    """
    Return a context in which the metadata of each file are read only once.

    An association is opened to choose parameters, and again to choose reference files. Each time, the text of all its
    files is parsed twice.

    Raises
    ------
    PipelineError
        On entering, if the installed jwst is not the tested version.
    """
    origin, signature = "stdatamodels.jwst.datamodels.util", ("fname", "model_type", "flatten")
    with ExitStack() as stack:
        for module in ("jwst.datamodels.library", "jwst.stpipe.core"):
            stack.enter_context(patches.wrapped(module, "read_metadata", _reading_once, signature, METADATA, origin))
        yield


def _reading_once(original: Callable) -> Callable:
    """Return a function that caches the flattened metadata of a file as long as the file is unchanged."""
    from stdatamodels.jwst.datamodels import util

    kept: dict[tuple, dict] = {}

    def reading(fname, model_type=None, flatten: bool = True) -> dict:
        status = Path(fname).stat()
        key = str(fname), status.st_size, status.st_mtime_ns, model_type
        if flatten and key in kept:
            return dict(kept[key])
        tree = original(fname, model_type, flatten=False)
        kept[key] = util._to_flat_dict(tree)
        return dict(kept[key]) if flatten else tree

    return reading


def parameters_copied_plainly() -> AbstractContextManager[None]:
    """
    Return a context in which parameters of astropy's models are copied attribute by attribute, without ``deepcopy``.

    A model copies its parameters when it is created, and the WCS of one MRS exposure has 320 polynomials.

    Raises
    ------
    PipelineError
        On entering, if the installed jwst is not the tested version.
    """
    return patches.added("astropy.modeling.parameters", "Parameter", "__deepcopy__", _copied_plainly, PARAMETERS)


def _copied_plainly(parameter: object, memo: dict) -> object:
    made = object.__new__(type(parameter))
    memo[id(parameter)] = made
    for name, value in vars(parameter).items():
        made.__dict__[name] = value if type(value) in _FIXED else copy.deepcopy(value, memo)
    return made


@cache
def _keeping_loader(original: Callable) -> Callable:
    """Return a factory that always returns the same schema loader, which caches the schemas it has loaded."""
    loader = cache(original())
    return lambda: loader
