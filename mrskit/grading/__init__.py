"""Grading of notebooks that nobody trusts: taken in without running, run in a sandbox, judged outside it."""
