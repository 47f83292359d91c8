"""A learner's day: a workspace of one's own, its notebooks, progress, watching, and JupyterLab."""
