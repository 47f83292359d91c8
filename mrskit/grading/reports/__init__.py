"""Grades, pages and tables from verdicts."""
