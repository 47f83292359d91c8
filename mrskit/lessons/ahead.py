"""Modules that the kernels of lessons import in advance."""

from __future__ import annotations

# Modules that the lessons import, and the slowest imports of a kernel. Excluded are modules that ask for IPython when
# imported (matplotlib_inline), and modules that start a thread.
LESSON_MODULES = (
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.zmqshell", "matplotlib.pyplot",
    "matplotlib.backends.backend_agg", "scipy.interpolate", "scipy.ndimage", "scipy.optimize", "scipy.signal",
    "scipy.stats", "astropy.io.fits", "astropy.table", "astropy.visualization", "astropy.wcs", "astropy.wcs.utils",
    "jwst.pipeline", "photutils.aperture", "distributed", "lmfit", "regions", "ipywidgets", "mrskit.answers",
    "mrskit.course.index", "mrskit.pipeline.steps.one_exposure", "mrskit.pipeline.stages",
    "mrskit.pipeline.faster.acceleration", "mrskit.workers.executor", "mrskit.plotting.detector",
    "mrskit.plotting.spectra", "mrskit.plotting.cubes", "mrskit.analysis.fits", "mrskit.analysis.maps",
)  # fmt: skip
