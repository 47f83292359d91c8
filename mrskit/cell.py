"""Information about the running cell in a notebook's kernel."""

from __future__ import annotations

UNSEEN = "mrskit-unseen"  # in the metadata of a request to run a cell whose output nobody will see


def is_unseen() -> bool:
    """Return whether nobody will see the output of the running cell; False outside a notebook."""
    from IPython import get_ipython  # a notebook has it; plotting must also work without

    request: dict = getattr(get_ipython(), "get_parent", dict)()
    return bool(request.get("metadata", {}).get(UNSEEN))
