"""The learner's workspace, notebooks and progress, the watch mode, and JupyterLab."""
