"""The kit's own reference cache, in the layout that the CRDS client reads."""
