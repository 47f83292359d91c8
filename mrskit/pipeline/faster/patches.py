"""Replace a pipeline function with a faster one that gives the same result: checked, reversible and recorded."""

from __future__ import annotations

import importlib
import importlib.metadata
import inspect
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy

from mrskit.errors import PipelineError

JWST_VERSION = "3.0.0"  # the version that the replacements were written for and are tested against
PREFIX = "mrskit: "  # begins every description
_ADVICE = "Run with --stock (Options(stock=True)), or install the version that requirements.lock names."

_active: list[str] = []  # descriptions of the active replacements in this process


@contextmanager
def replaced(
    module: str, name: str, function: Callable, signature: tuple[str, ...], description: str, origin: str = ""
) -> Iterator[None]:
    """
    Replace one of the pipeline's functions, and restore the original when the block ends.

    ``module`` and ``name`` locate the pipeline's function; ``origin`` is the module that defines it, if ``module`` only
    imports it. ``function`` takes the same arguments, named by ``signature`` (empty for a compiled function), and gives
    the same result to rounding. `record` writes ``description`` (at most 72 characters, as in a HISTORY card) into the
    history. PipelineError for a different jwst version, or if the function is missing, has different arguments, or is
    already replaced.
    """
    home = importlib.import_module(module)
    original = _checked(home, name, signature, origin or home.__name__)
    setattr(home, name, function)
    _active.append(description)
    try:
        yield
    finally:
        setattr(home, name, original)
        _active.remove(description)


@contextmanager
def wrapped(
    module: str, name: str, wrapper: Callable[[Callable], Callable], signature: tuple[str, ...], description: str,
    origin: str = "",
) -> Iterator[None]:  # fmt: skip
    """
    Replace one of the pipeline's functions with a wrapper; like `replaced`, but made from the original.

    ``wrapper``: called with the pipeline's function, returns the replacement; ``module``, ``name``, ``signature``,
    ``description``, ``origin``: as for `replaced`.
    PipelineError as for `replaced`.
    """
    original = _checked(importlib.import_module(module), name, signature, origin or module)
    with replaced(module, name, wrapper(original), signature, description, origin):
        yield


@contextmanager
def added(module: str, class_name: str, method: str, function: Callable, description: str) -> Iterator[None]:
    """
    Add a missing method to a class of the pipeline's packages, and remove it when the block ends.

    ``description`` as for `replaced`. PipelineError for a different jwst version, or if the class already has this
    method.
    """
    owner = getattr(importlib.import_module(module), class_name)
    _check_version(f"{module}.{class_name}")
    if method in vars(owner):
        raise PipelineError(f"{module}.{class_name} already has its own method {method}. {_ADVICE}", found=method)
    setattr(owner, method, function)
    _active.append(description)
    try:
        yield
    finally:
        delattr(owner, method)
        _active.remove(description)


@contextmanager
def numpy_with(module: str, description: str, **functions: Callable) -> Iterator[None]:
    """
    Replace numpy functions in one module of the pipeline's packages, which imports numpy as ``np``.

    ``description`` as for `replaced`. PipelineError for a different jwst version, or if its ``np`` is not numpy.
    """
    home: Any = importlib.import_module(module)
    _check_version(f"numpy in {module}")
    if getattr(home, "np", None) is not numpy:
        raise PipelineError(f"{module}.np is not numpy. {_ADVICE}", found=repr(getattr(home, "np", None)))
    home.np = _Numpy(functions)
    _active.append(description)
    try:
        yield
    finally:
        home.np = numpy
        _active.remove(description)


class _Numpy:
    """Numpy with some functions replaced."""

    def __init__(self, functions: dict[str, Callable]) -> None:
        vars(self).update(functions)

    def __getattr__(self, name: str) -> object:
        return getattr(numpy, name)


@contextmanager
def inherited(histories: Iterable[Iterable[str]]) -> Iterator[None]:
    """Make `record` copy the entries of earlier stages; ``histories`` are the HISTORY cards of a stage's inputs."""
    found = dict.fromkeys(text for history in histories for text in history if text.startswith(PREFIX))
    added = [text for text in found if text not in _active]
    _active.extend(added)
    try:
        yield
    finally:
        for text in added:
            _active.remove(text)


def active() -> tuple[str, ...]:
    """Return the descriptions of the active replacements, and of those that were active when the inputs were made."""
    return tuple(_active)


def record(result):
    """Write the active replacements into the history of a step's ``result``, in place, as a post-hook of the steps."""
    from stdatamodels import DataModel

    models = [result] if isinstance(result, DataModel) else list(result)
    for model in models:
        known = {entry.get("description") for entry in model._asdf.get_history_entries()}
        for description in dict.fromkeys(_active):
            if description not in known:
                model.add_history_entry(description)
    return result


def _checked(home, name: str, signature: tuple[str, ...], origin: str) -> Callable:
    _check_version(f"{home.__name__}.{name}")
    original = getattr(home, name, None)
    found = _arguments(original)
    if original is None or found != signature:
        raise PipelineError(f"{home.__name__}.{name} has the arguments {found}, expected {signature}. {_ADVICE}",
                            found=found, expected=signature)  # fmt: skip
    if original.__module__ != origin:
        raise PipelineError(f"{home.__name__}.{name} was already replaced by {original.__module__}. "
                            "Exit the other replacement first.", found=original.__module__)  # fmt: skip
    return original


def _arguments(function: object) -> tuple[str, ...] | None:
    """Return the names of a function's arguments: empty for a compiled function, None if it is not a function."""
    if inspect.isbuiltin(function):
        return ()
    return tuple(inspect.signature(function).parameters) if callable(function) else None


def _check_version(what: str) -> None:
    version = importlib.metadata.version("jwst")
    if version != JWST_VERSION:
        raise PipelineError(f"jwst {version} is installed, but the kit's replacement of {what} is for "
                            f"jwst {JWST_VERSION}. {_ADVICE}", found=version, expected=JWST_VERSION)  # fmt: skip
