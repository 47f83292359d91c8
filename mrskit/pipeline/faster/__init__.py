"""Replacements of what the pipeline does twice: exact, reversible, recorded in the history of the products."""
