"""Lesson 04: count rates to calibrated exposures."""
