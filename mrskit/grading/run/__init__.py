"""Runs of submissions in the sandbox; each run gives a record of answers, products and outputs."""
