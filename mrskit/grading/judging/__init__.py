"""Judge records against the key, in a separate process."""
