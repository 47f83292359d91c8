"""Grading of untrusted notebooks: read without running them, run in a sandbox, judged outside the sandbox."""
