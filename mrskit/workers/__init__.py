"""Many items on one engine (Dask, SLURM, this process), and warm kernels; callers say what they import ahead."""
