"""Which reference file the active CRDS context selects for an exposure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mrskit import logs


def selected(exposure: Path, kinds: Sequence[str]) -> dict[str, str]:
    """
    Return the name of the reference file of each type that the active context selects for an exposure.

    Parameters
    ----------
    exposure : Path
        Its header is what the rules are asked with.
    kinds : sequence of str
        Types of references, e.g. ``dark``, ``flat``, ``distortion``.

    Returns
    -------
    dict of str to str
        In the order of ``kinds``; ``none`` for a type without a rule or a fitting file.
    """
    import crds
    from stdatamodels.jwst import datamodels

    found = {}
    with logs.silence(), datamodels.open(exposure) as model:
        keywords = model.get_crds_parameters()
        for kind in kinds:
            try:
                name = crds.getrecommendations(keywords, reftypes=[kind], observatory="jwst")[kind]
            except crds.CrdsError:
                name = "none"
            found[kind] = "none" if name.startswith("NOT FOUND") or "N/A" in name.upper() else Path(name).name
    return found
