"""What workers import ahead, while the data are still being made."""

from __future__ import annotations


def import_pipeline() -> None:
    """Import what the stages need and read their tables; no reference file: the cache may be in the making."""
    import asdf
    import jwst.pipeline  # noqa: F401
    import photutils.aperture  # noqa: F401
    from crds.jwst import locate

    asdf.get_config().extensions  # noqa: B018  (reads the manifests of all extensions: a second)
    locate.get_datamodels()
