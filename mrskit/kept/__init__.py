"""Has it changed? Records of runs with what they depend on, one digest rule, one run at a time."""
