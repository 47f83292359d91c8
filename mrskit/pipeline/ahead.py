"""Imports that workers do in advance, while the data are still being made."""

from __future__ import annotations


def import_pipeline() -> None:
    """Import the packages for the stages and read their tables, but no reference files: the cache may be incomplete."""
    import asdf
    import jwst.pipeline  # noqa: F401
    import photutils.aperture  # noqa: F401
    from crds.jwst import locate

    asdf.get_config().extensions  # noqa: B018  (reads the manifests of all extensions: a second)
    locate.get_datamodels()
