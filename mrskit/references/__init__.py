"""All that knows CRDS: the context, the kit's own cache, what exposures need, what is fetched."""
