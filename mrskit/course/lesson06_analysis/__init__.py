"""Lesson 06: lines, maps, spectra."""
