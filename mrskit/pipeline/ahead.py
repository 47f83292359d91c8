"""What workers import ahead, while the data are still being made."""

from __future__ import annotations


def import_pipeline() -> None:
    """
    Import what the three stages need, and read the tables that their first call would read.

    No reference file is touched: the cache may still be in the making.
    """
    import asdf
    import jwst.pipeline  # noqa: F401
    import photutils.aperture  # noqa: F401
    from crds.jwst import locate

    asdf.get_config().extensions  # noqa: B018  (reads the manifests of all extensions: a second)
    locate.get_datamodels()
