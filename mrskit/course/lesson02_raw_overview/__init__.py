"""Lesson 02: raw exposures."""
