"""The confusion matrix as a small picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix


def save_confusion_matrix(labels: np.ndarray, predicted: np.ndarray, names: tuple[str, str], path: Path) -> None:
    """Draw actual against predicted labels on the test rows.

    Parameters
    ----------
    labels, predicted : numpy.ndarray of int, shape (rows,)
        0 or 1.
    names : tuple of str
        Names of label 0 and label 1.
    path : pathlib.Path
        The PNG to write.
    """
    counts = confusion_matrix(labels, predicted, labels=[0, 1])
    figure = Figure(figsize=(4, 3.4), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.imshow(counts, cmap="Blues", vmin=0)
    for (row, column), count in np.ndenumerate(counts):
        color = "white" if count > counts.max() / 2 else "black"
        axes.text(column, row, f"{count:,}", ha="center", va="center", color=color, fontsize=13)
    axes.set_xticks([0, 1], names)
    axes.set_yticks([0, 1], names)
    axes.set_xlabel("predicted")
    axes.set_ylabel("actual")
    axes.set_title("Confusion matrix, test rows", fontsize=10)
    figure.savefig(path, format="png")
