"""The pipeline's own sky position and wavelength for every detector pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mrskit import logs
from mrskit.errors import PipelineError

NROWS, NCOLS = 1024, 1032


@dataclass(frozen=True, slots=True)
class DetectorCoordinates:
    """Coordinates of the pixels of one exposure; NaN (slice 0) between the slices. Shape (1024, 1032) each."""

    alpha: np.ndarray  # along the slice, arcsec
    beta: np.ndarray  # across the slices, arcsec
    wavelength: np.ndarray  # um, observed frame, barycentric
    slice: np.ndarray  # channel * 100 + number of the slice, e.g. 111; int
    ra: np.ndarray  # deg
    dec: np.ndarray  # deg

    @property
    def channel(self) -> np.ndarray:
        """Return the channel of every pixel, 0 between the slices; shape (1024, 1032), int."""
        return self.slice // 100


def detector_coordinates(path: Path) -> DetectorCoordinates:
    """
    Return the coordinates of every pixel of an exposure.

    ``path``: a cal file (its own WCS is used), or a rate file (the WCS is assigned from the active references).
    ProductError if the file is not an MRS exposure; PipelineError if it has no WCS and none can be assigned.
    """
    from mrskit import products

    products.read_exposure(path)
    from stdatamodels.jwst import datamodels

    with logs.silence(), datamodels.open(path) as model:
        transform = _wcs(model, path)
        x, y = np.meshgrid(np.arange(NCOLS, dtype=float), np.arange(NROWS, dtype=float))
        to_slice = transform.get_transform("detector", "alpha_beta")
        alpha, beta, wavelength = to_slice(x, y)
        ra, dec, _ = transform(x, y)
        number = np.asarray(to_slice.label_mapper.mapper, dtype=int)
    return DetectorCoordinates(alpha, beta, wavelength, number, ra, dec)


def _wcs(model, path: Path):
    wcs = getattr(model.meta, "wcs", None)
    if wcs is not None:
        return wcs
    from jwst.assign_wcs import AssignWcsStep
    from jwst.datamodels import IFUImageModel

    try:
        with IFUImageModel(str(path)) as image:
            return AssignWcsStep.call(image, configure_log=False).meta.wcs
    except Exception as error:
        raise PipelineError(f"{path.name}: cannot assign a WCS ({type(error).__name__}: {error}). Use a cal file, "
                            "or activate the references of the workspace.", path=path) from error  # fmt: skip
