"""Detection of changes: records of runs with their inputs, one rule for digests, one lock."""
