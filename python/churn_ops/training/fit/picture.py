"""The confusion matrix as a small picture.

Drawn with Pillow and not with matplotlib: every candidate has one, and 27 figures cost more than the fits of a small
grid.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from sklearn.metrics import confusion_matrix

_SIZE = (420, 360)
_CELL = 120
_LEFT, _TOP = 130, 50
_LIGHT, _DARK = np.array([247, 251, 255]), np.array([8, 48, 107])


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
    picture = Image.new("RGB", _SIZE, "white")
    draw = ImageDraw.Draw(picture)
    small, large = ImageFont.load_default(15), ImageFont.load_default(24)
    draw.text((_LEFT + _CELL, 24), "Confusion matrix, test rows", "black", small, anchor="mm")
    for (row, column), count in np.ndenumerate(counts):
        share = count / max(1, counts.max())
        color = tuple(int(value) for value in _LIGHT + (_DARK - _LIGHT) * share)
        corner = (_LEFT + column * _CELL, _TOP + row * _CELL)
        draw.rectangle((*corner, corner[0] + _CELL - 1, corner[1] + _CELL - 1), fill=color)
        center = (corner[0] + _CELL // 2, corner[1] + _CELL // 2)
        draw.text(center, f"{count:,}", "white" if share > 0.5 else "black", large, anchor="mm")
    for position, name in enumerate(names):
        middle = position * _CELL + _CELL // 2
        draw.text((_LEFT + middle, _TOP + 2 * _CELL + 16), _short(name), "black", small, anchor="mm")
        draw.text((_LEFT - 12, _TOP + middle), _short(name), "black", small, anchor="rm")
    draw.text((_LEFT + _CELL, _TOP + 2 * _CELL + 44), "predicted", "black", small, anchor="mm")
    draw.text((14, _TOP + _CELL), "actual", "black", small, anchor="lm")
    picture.save(path, format="PNG")


def _short(name: str) -> str:
    return name if len(name) <= 10 else f"{name[:9]}\u2026"
