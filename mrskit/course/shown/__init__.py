"""The part of the course that notebooks may import; it does not reveal any answer."""
