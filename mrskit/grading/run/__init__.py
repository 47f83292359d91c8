"""Submissions run in the sandbox: each leaves a record of what it has handed in, made and shown."""
