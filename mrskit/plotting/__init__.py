"""Figures of the lessons: one function per figure, all in the same style (mrskit.plotting.style)."""
