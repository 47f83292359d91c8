"""Drizzle detector pixels into a cube, one wavelength plane at a time, with only the pixels that reach the plane."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import numpy as np

from mrskit.pipeline.faster import patches

DESCRIPTION = "mrskit: drizzle by planes, each with the pixels in it, equal to rounding"

# Arguments of jwst.cube_build.cube_match_sky_driz.cube_wrapper_driz, a compiled function with positional arguments.
_NAMES = (
    "instrument", "flag_dq_plane", "start_region", "end_region", "overlap_partial", "overlap_full", "xcoord", "ycoord",
    "zcoord", "coord1", "coord2", "wave", "flux", "err", "slice_no", "xi1", "eta1", "xi2", "eta2", "xi3", "eta3", "xi4",
    "eta4", "dwave", "cdelt3", "cdelt1", "cdelt2", "cdelt3_mean", "linear", "x_det", "y_det", "debug_cube_index",
)  # fmt: skip
_OF_PIXELS = (*_NAMES[9:24], "x_det", "y_det")  # arrays of shape (npixels,)
_CORNERS = _NAMES[15:23]
_MIRI = 0


def drizzle_by_planes() -> AbstractContextManager[None]:
    """
    Return a context in which the cube_build step drizzles plane by plane.

    The pipeline's compiled function compares each of 350,000 pixels with each of a thousand planes, and computes the
    overlap with a spaxel also in planes that the pixel does not reach. Here it is called once per plane, with pixels
    that reach the plane. The overlaps are the same, added up in order of wavelength.

    PipelineError on entering, if the installed jwst is not the tested version.
    """
    return patches.wrapped(
        "jwst.cube_build.ifu_cube", "cube_wrapper_driz", by_planes, (), DESCRIPTION,
        origin="jwst.cube_build.cube_match_sky_driz",
    )  # fmt: skip


def by_planes(original: Callable) -> Callable:
    """
    Return a function that calls the pipeline's compiled function, with the same arguments and results.

    ``original``: ``jwst.cube_build.cube_match_sky_driz.cube_wrapper_driz``: positional arguments as in ``_NAMES``;
    returns flux, weight, variance, number of overlaps (float64) and data quality (int32), each of shape (nz * ny *
    nx,).
    """

    def drizzle(*arguments):
        given = dict(zip(_NAMES, arguments, strict=True))
        if given["instrument"] != _MIRI or given["debug_cube_index"] >= 0 or given["wave"].size == 0:
            return original(*arguments)
        return (*_sums(original, given), _quality(original, given))

    return drizzle


def _sums(original: Callable, given: dict) -> np.ndarray:
    """Return the first four results, shape (4, nz * ny * nx)."""
    order = np.argsort(given["wave"], kind="stable")
    pixels = {name: np.ascontiguousarray(given[name][order], dtype=float) for name in _OF_PIXELS}
    planes, depths = given["zcoord"], given["cdelt3"]
    reach = (pixels["dwave"].max() + depths) / 2
    first = np.searchsorted(pixels["wave"], planes - reach, side="left")
    last = np.searchsorted(pixels["wave"], planes + reach, side="right")
    sums = np.zeros((4, planes.size, given["ycoord"].size * given["xcoord"].size))
    for plane in range(planes.size):
        some = {name: values[first[plane] : last[plane]] for name, values in pixels.items()}
        if some["wave"].size == 0:
            continue
        one = {"flag_dq_plane": 0, "zcoord": planes[plane : plane + 1], "cdelt3": depths[plane : plane + 1]}
        sums[:, plane] = original(*(given | some | one).values())[:4]
    return sums.reshape(4, -1)


def _quality(original: Callable, given: dict) -> np.ndarray:
    """Return the last result: the field of view, which only the first and last slices define."""
    outer = np.isin(given["slice_no"], (given["start_region"], given["end_region"]))
    some = {name: np.ascontiguousarray(given[name][outer], dtype=float) for name in _OF_PIXELS}
    outside = given["xcoord"][-1] + 100 * given["cdelt1"]
    corners = {name: np.full(some[name].size, outside) for name in _CORNERS}  # nothing to drizzle
    return original(*(given | some | corners).values())[4]
