"""The content of the course, with one folder per lesson; notebooks may import only ``shown``."""
