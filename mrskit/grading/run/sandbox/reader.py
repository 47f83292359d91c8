"""Reader of a notebook's scratch folder, inside the sandbox, after all processes of the notebook have ended."""

from __future__ import annotations

import base64
import io
import math
import os
import stat
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from astropy.io.fits.hdu.base import ExtensionHDU

MOST_PRODUCTS = 64
LARGEST = 1_000_000_000  # bytes of a product
SECONDS = 60.0  # s for everything
WIDEST, MOST_PIXELS = 800, 8_000_000  # of pictures: as they are shown, and as they may come
_KEYWORDS = ("ORIGIN", "TELESCOP", "INSTRUME", "EXP_TYPE", "CHANNEL", "BAND", "DETECTOR", "NINTS", "NGROUPS",
             "PATT_NUM", "OBSERVTN", "BKGDTARG", "CAL_VER", "CRDS_CTX", "BUNIT", "EFFEXPTM", "FILENAME")  # fmt: skip
_EXTENSIONS = ("SCI", "EXTRACT1D")
_FOLDERS = ("Source", "Background", "Ramp")


def read(root: Path, pictures: Sequence[str] = (), links: Mapping[str, str] | None = None) -> dict:
    """
    Return the facts about the products in a workspace, and the pictures encoded again (PNG, base64).

    Links to the instructor's files are skipped; products are compared with the key's products in ``links``.
    """
    products = [_facts(path, root, links or {}) for path in _products(root)]
    return {"products": products, "pictures": [_encoded_anew(picture) for picture in pictures]}


def _products(root: Path) -> Iterator[Path]:
    count, device = 0, root.lstat().st_dev
    for name in _FOLDERS:
        if (root / name).is_symlink():  # a walk would follow it
            continue
        for folder, folders, names in os.walk(root / name, followlinks=False):
            folders[:] = sorted(item for item in folders if not item.startswith("."))
            for item in sorted(names):
                path = Path(folder) / item
                status = path.lstat()
                made = stat.S_ISREG(status.st_mode) and status.st_dev == device  # not what is mounted there
                if item.endswith(".fits") and made and count < MOST_PRODUCTS:
                    count += 1
                    yield path


def _facts(path: Path, root: Path, links: Mapping[str, str]) -> dict:
    facts = {"path": path.relative_to(root).as_posix(), "kind": path.stem.rpartition("_")[2], "problem": ""}
    try:
        return facts | _opened(path, links)
    except Exception as error:  # whatever a hostile file makes astropy raise
        return facts | {"problem": f"{type(error).__name__}: {error!s:.120}"}


def _opened(path: Path, links: Mapping[str, str]) -> dict:
    from astropy.io import fits

    from mrskit.grading.run.sandbox import twins

    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if os.fstat(descriptor).st_size > LARGEST:
            return {"problem": f"it is larger than {LARGEST / 1e9:.0f} GB"}
        with fits.open(stream, memmap=True, lazy_load_hdus=True) as hdus:
            header = {key: _plain(hdus[0].header[key]) for key in hdus[0].header
                      if key in _KEYWORDS or key.startswith("S_")}  # fmt: skip
            for name in _EXTENSIONS:
                if name in hdus:
                    found = _values(hdus[name])
                    if key := twins.twin(path, hdus[0].header, links):
                        header["key"] = key
                        found["values"] |= twins.compared(path, hdus, Path(links[key]), name)
                    return {"header": header} | found
    return {"header": header, "problem": f"no extension {' or '.join(_EXTENSIONS)}"}


def _values(hdu: ExtensionHDU) -> dict:
    """Return the shape and some numbers of an image or of a table's fluxes."""
    import numpy as np

    data = hdu.data
    if data.dtype.names:
        name = next(name for name in data.dtype.names if name.lower() == "flux")
        data = data[name]
    array = np.asarray(data)
    finite = np.isfinite(array)
    numbers = array[finite].astype(float)
    values = {"finite": float(finite.mean()) if array.size else 0.0}
    if numbers.size:
        values |= {"median": float(np.median(numbers)), "mean": float(numbers.mean()),
                   "minimum": float(numbers.min()), "maximum": float(numbers.max())}  # fmt: skip
    return {"shape": [int(n) for n in array.shape], "values": {k: v for k, v in values.items() if math.isfinite(v)}}


def _plain(value: object) -> str | int | float | bool:
    if isinstance(value, bool | int | float) and math.isfinite(value):
        return value
    return str(value)[:80]


def _encoded_anew(picture: str) -> str:
    """Return a PNG picture encoded again (base64), or an empty text if it is invalid or too large."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(base64.b64decode(picture, validate=True)), formats=("PNG",)) as image:
            if image.width * image.height > MOST_PIXELS:
                return ""
            plain = Image.new("RGB", image.size, "white")
            pixels = image.convert("RGBA")
            plain.paste(pixels, mask=pixels.getchannel("A"))
        plain.thumbnail((WIDEST, WIDEST))
        made = io.BytesIO()
        plain.quantize(64).save(made, format="PNG", optimize=True)
        return base64.b64encode(made.getvalue()).decode("ascii")
    except Exception:  # whatever a hostile picture makes Pillow raise
        return ""
