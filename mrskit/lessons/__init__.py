"""The lessons: their index, how their notebooks are built, and a checked way to run them."""
