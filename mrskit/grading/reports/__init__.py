"""Verdicts become grades, and grades pages and tables."""
