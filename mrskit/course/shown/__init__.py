"""All that notebooks may import of the course: it tells no answer."""
