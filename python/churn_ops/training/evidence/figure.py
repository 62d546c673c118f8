"""The look that all pictures share; drawn without pyplot, whose state no helper needs."""

from __future__ import annotations

from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

BLUE = "#1f5fa8"
ORANGE = "#d9730d"
GREEN = "#2e7d4f"
GREY = "#8a8f98"


def new_figure(width: float = 5.4, height: float = 4.0) -> Figure:
    """Make an empty figure, sizes in inches at 110 dots an inch."""
    figure = Figure(figsize=(width, height), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def tidy(axes: Axes, title: str, x: str, y: str) -> None:
    """Give axes a title, names and a light grid."""
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.grid(color="#e6e8eb", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)


def save(figure: Figure, path: Path) -> Path:
    """Write the PNG and give its path."""
    figure.savefig(path, format="png")
    return path
