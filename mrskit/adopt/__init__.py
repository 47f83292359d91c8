"""Files that somebody has already: what they are by their headers, and the way into a workspace."""
