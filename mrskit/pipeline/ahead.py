"""What workers import ahead, while the data are still being made."""

from __future__ import annotations

import sys


def import_pipeline() -> None:
    """Import what the stages need and read their tables; no reference file: the cache may be in the making."""
    # jsonschema, which jwst imports, would compile a grammar for addresses in any script: a third of all the time.
    # Without that package it leaves out a check that no schema of the pipeline asks for.
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # None: it cannot be imported
    import asdf
    import jwst.pipeline  # noqa: F401
    import photutils.aperture  # noqa: F401
    from crds.jwst import locate

    asdf.get_config().extensions  # noqa: B018  (reads the manifests of all extensions: a second)
    locate.get_datamodels()
