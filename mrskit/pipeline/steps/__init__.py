"""Runs of single steps and single exposures with chosen settings, for the lessons."""
