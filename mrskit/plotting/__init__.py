"""Figures of the lessons: one function a figure, one style for all (mrskit.plotting.style)."""
