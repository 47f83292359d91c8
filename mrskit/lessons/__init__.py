"""The lessons: their index, the build of their notebooks, and checked runs."""
