"""Has it changed? Records of runs with what they depend on, one rule for digests, one lock."""
