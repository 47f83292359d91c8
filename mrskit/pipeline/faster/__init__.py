"""Faster replacements for pipeline functions: exact, reversible, recorded in the history of the products."""
