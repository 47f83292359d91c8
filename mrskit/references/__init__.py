"""All code that uses CRDS: the context, the kit's own cache, the references that exposures need, and fetching."""
