"""Records judged against the key, in another process."""
