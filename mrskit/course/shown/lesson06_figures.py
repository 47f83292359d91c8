"""Figures of lesson 06: the choice of a line model."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np

from mrskit.plotting import style


def gains(trials: Mapping[str, np.ndarray], measured: float, simulated: bool, name: str = "06-false-positives") -> None:
    """
    Show by how much two Gaussians beat one in made spectra of one Gaussian.

    Parameters
    ----------
    trials : mapping
        Kind of noise -> BIC of one minus BIC of two, shape (n,).
    measured : float
        The same for the line of the lesson.
    simulated : bool
    name : str, optional
    """
    figure, axis = plt.subplots(figsize=(10.5, 4.4))
    edges = np.linspace(-14, 30, 45)
    words = []
    looks = zip((style.BLUE, style.ORANGE), ("", "//"), trials.items(), strict=False)
    for colour, hatch, (label, values) in looks:
        share = 100 * np.mean(values > 10)
        axis.hist(np.clip(values, edges[0], edges[-1]), edges.tolist(), color=colour, alpha=0.65, hatch=hatch,
                  edgecolor=style.BLACK, lw=0.5, label=label)  # fmt: skip
        words.append(f"with {label} {share:.1f} percent lie above 10")
    axis.axvline(0, color=style.BLACK, lw=1.2)
    axis.axvline(10, color=style.RED, ls="--", lw=2, label="decisive: 10")
    axis.set(yscale="log", ylabel="Made spectra (number)", xlabel="BIC of one minus BIC of two (dimensionless)",
             xlim=(edges[0], edges[-1]))  # fmt: skip
    axis.annotate(f"your line: {measured:.0f} →", (0.99, 0.55), xycoords="axes fraction", ha="right", fontsize=13)
    axis.legend(loc="upper right")
    style.title(axis, "Lines of one Gaussian, fitted with two", simulated)
    style.finish(figure, name, f"Histograms of the gain in BIC by a second Gaussian where there is only one: "
                 f"{'; '.join(words)}. The line of the lesson gains {measured:.0f}.")  # fmt: skip
