"""A reference cache of the kit's own, in the layout that the CRDS client reads."""
