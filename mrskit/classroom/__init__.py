"""Tools for instructors besides grading: hand out data, release lessons, export grades."""
