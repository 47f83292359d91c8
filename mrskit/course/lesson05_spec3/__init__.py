"""Lesson 05: cubes and spectra."""
