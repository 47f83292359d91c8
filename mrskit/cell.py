"""What the kernel of a notebook has been told about the cell that it runs."""

from __future__ import annotations

UNSEEN = "mrskit-unseen"  # in the metadata of a request to run a cell: nobody will look at what it shows


def is_unseen() -> bool:
    """Return whether nobody will look at what the running cell shows; False outside a notebook."""
    from IPython import get_ipython  # a notebook has it; plotting must also work without

    request: dict = getattr(get_ipython(), "get_parent", dict)()
    return bool(request.get("metadata", {}).get(UNSEEN))
