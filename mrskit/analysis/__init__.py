"""Spectra, emission lines, maps and backgrounds measured from cubes and extracted spectra."""
