"""Parallel work on one engine (Dask, SLURM, this process), and kernels with imports in advance."""
