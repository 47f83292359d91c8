"""Viewers for every product: widgets in a live notebook, static figures elsewhere, matplotlib windows, DS9."""

from mrskit.viewers.content import Content, read
from mrskit.viewers.ds9 import open_ds9
from mrskit.viewers.notebook import blink, is_live, places, slices
from mrskit.viewers.window import open_window

__all__ = ["Content", "blink", "is_live", "open_ds9", "open_window", "places", "read", "slices"]
