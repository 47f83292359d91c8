"""Intake of submissions: find files, read them within limits, extract the answers, compare them with the release."""
