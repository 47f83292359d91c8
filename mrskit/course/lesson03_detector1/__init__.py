"""Lesson 03: ramps to count rates."""
