"""The common style of the lessons' figures: colours, fonts, titles with SIMULATED, saving with alternative text."""

from __future__ import annotations

import io
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import AsinhNorm, Normalize
from matplotlib.figure import Figure, FigureBase

from mrskit.cell import is_unseen
from mrskit.workspace import Workspace

# Eight colours that people with any of the common colour-vision deficiencies tell apart
# (Okabe & Ito 2008, "Color Universal Design"; Wong 2011, Nature Methods 8, 441, doi:10.1038/nmeth.1618);
# the yellow is left out, because it is hardly visible on a projector.
BLACK, ORANGE, SKY, GREEN, BLUE, RED, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
COLOURS = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, BLACK)
GREY = "#6F6F6F"  # contrast 5:1 on white: for notes, and for pixels without a value

SEQUENTIAL = "cividis"  # brightness; looks the same for all colour vision
DIVERGING = "RdBu_r"  # residuals and velocities, zero in the middle
BINARY = mpl.colors.ListedColormap(["#F2F2F2", RED])  # masks: no, yes

_SETTINGS = {
    "figure.figsize": (10, 4.5),
    "figure.dpi": 96,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 130,
    "font.size": 13,
    "axes.titlesize": 14,
    "axes.titlelocation": "left",
    "axes.labelsize": 13,
    "axes.grid": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": plt.cycler(color=COLOURS),
    "lines.linewidth": 2.0,
    "lines.markersize": 7,
    "legend.frameon": False,
    "legend.fontsize": 12,
    "image.origin": "lower",
    "image.cmap": SEQUENTIAL,
    "image.interpolation": "nearest",
    "image.aspect": "auto",
}


def apply() -> None:
    """Set the course's style for all later figures."""
    plt.style.use(_SETTINGS)


def use(workspace: Workspace) -> None:
    """Set the course's style for all later figures, and save them in the workspace's ``Plots/``."""
    apply()
    mpl.rcParams["savefig.directory"] = str(workspace.plots)


def finish(figure: Figure, name: str, alt: str) -> None:
    """
    Save a figure as ``Plots/NAME.png`` and, in a notebook, show it with its alternative text.

    In a lesson that is graded, where nobody sees the output, the figure is only closed, because drawing is slow.

    Parameters
    ----------
    figure : Figure
        Closed afterwards, so that a notebook does not show it twice.
    name : str
        File name without suffix, e.g. ``03-jump-ramp``.
    alt : str
        Description of the figure in a sentence or two, for readers who cannot see it; also written into the file.
    """
    if is_unseen():
        plt.close(figure)
        return
    picture = io.BytesIO()
    figure.savefig(picture, format="png", metadata={"Title": name, "Description": alt})
    plt.close(figure)
    folder = Path(mpl.rcParams["savefig.directory"])
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{name}.partial"
    partial.write_bytes(picture.getvalue())
    partial.replace(folder / f"{name}.png")
    _display(picture.getvalue(), alt)


def _display(picture: bytes, alt: str) -> None:
    from IPython import get_ipython  # a notebook has it; plotting must also work without
    from IPython.display import Image, display

    if get_ipython() is not None:
        display(Image(data=picture, format="png", alt=alt, retina=False))


def title(target: Axes | FigureBase, text: str, simulated: bool) -> None:
    """Set the title of axes or a figure, with the word SIMULATED for simulated data."""
    text = f"{text} (SIMULATED)" if simulated else text
    if isinstance(target, FigureBase):
        target.suptitle(text, x=0.01, ha="left", fontsize=15)
    else:
        target.set_title(text)


def show_image(
    axis: Axes,
    image: np.ndarray,
    label: str,
    limits: tuple[float, float] | None = None,
    colours: str | mpl.colors.Colormap = SEQUENTIAL,
    stretch: str = "linear",
    extent: tuple[float, float, float, float] | None = None,
) -> mpl.image.AxesImage:
    """
    Draw an image with a colour bar and return it; pixels without a value (NaN) are white, on a diverging scale grey.

    Parameters
    ----------
    axis : Axes
        Axes; if its labels are not set, they become ``Column (pixel)`` and ``Row (pixel)``.
    image : ndarray of shape (ny, nx)
        The image, in the unit that ``label`` names.
    label : str
        Quantity and unit for the colour bar, e.g. ``Count rate (DN/s)``.
    limits : (float, float), optional
        Values of the darkest and brightest colour; the 1st and 99th percentile by default.
    stretch : str, optional
        ``linear``, or ``asinh`` (faint and bright together).
    extent : (left, right, bottom, top), optional
        As for ``imshow``; pixel numbers by default.
    """
    low, high = limits or np.nanpercentile(image, (1, 99))
    if not high > low:  # one value everywhere
        low, high = low - 0.5, low + 0.5
    norm = AsinhNorm((high - low) / 30, low, high) if stretch == "asinh" else Normalize(low, high)
    shades = mpl.colormaps[colours] if isinstance(colours, str) else colours
    bad = "#DCDCDC" if colours == DIVERGING else "white"  # a colour outside the scale
    drawn = axis.imshow(image, norm=norm, cmap=shades.with_extremes(bad=bad), extent=extent)
    axis.set_xlabel(axis.get_xlabel() or "Column (pixel)")
    axis.set_ylabel(axis.get_ylabel() or "Row (pixel)")
    bar = axis.figure.colorbar(drawn, ax=axis, label=label, pad=0.01)
    if stretch == "asinh":
        ticks = round_ticks(norm)
        bar.set_ticks(ticks, labels=[f"{value:g}" for value in ticks])
        bar.minorticks_off()
    if colours is BINARY:
        bar.set_ticks([0.25, 0.75], labels=["no", "yes"])
    return drawn


def round_ticks(norm: Normalize, apart: float = 0.13) -> list[float]:
    """Return round values (0, and 1, 2 or 5 times a power of ten) of a stretched scale, well apart on its bar."""
    powers = 10.0 ** np.arange(-6, 7)
    values = [0.0, *(sign * digit * power for digit in (1, 2, 5) for power in powers[::-1] for sign in (1, -1))]
    chosen: list[float] = []
    for value in values:
        if norm.vmin <= value <= norm.vmax and all(abs(norm(value) - norm(other)) > apart for other in chosen):
            chosen.append(float(value))
    return sorted(chosen)
