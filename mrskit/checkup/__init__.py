"""Checks of this computer and a workspace for the course, each with a remedy."""
