"""Adoption of existing files: identify them by their headers and lay them out as a workspace."""
