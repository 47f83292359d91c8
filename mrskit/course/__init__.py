"""The content of the course: a folder a lesson; what notebooks may import of it stands in ``shown``."""
