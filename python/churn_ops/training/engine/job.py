"""What a helper process of a training works on: both sides of the split and the settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from churn_ops.table.read_table import model_columns, model_schema
from churn_ops.training.engine.events import Settings
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.versions.rows import Rows, read_rows


@dataclass
class Job:
    """What all groups of a training share, prepared once a process.

    Attributes
    ----------
    folder : pathlib.Path
        Work folder; ``reference.parquet`` and ``held_out.parquet`` are in it, candidates get a folder each.
    train, test : Rows
        Both sides of the split.
    settings : Settings
        As the parent gave them.
    """

    folder: Path
    train: Rows
    test: Rows
    settings: Settings
    _prepared: dict[bool, tuple[Any, np.ndarray, np.ndarray]] = field(default_factory=dict)

    @classmethod
    def load(cls, settings: Settings) -> Job:
        """Read the rows; the preprocessing for trees is fitted at once, as nearly every training needs it."""
        folder = Path(settings["folder"])
        train = read_rows(folder / "reference.parquet", settings["schema"])
        test = read_rows(folder / "held_out.parquet", settings["schema"])
        return cls(folder, train, test, settings)

    def prepared(self, linear: bool) -> tuple[Any, np.ndarray, np.ndarray]:
        """Preprocessing for a kind of model, and what it makes of training and test rows."""
        if linear not in self._prepared:
            columns = model_columns(self.settings["schema"])
            fitted, matrix = fit_and_transform(
                model_schema(self.settings["schema"]), self.train.features[columns], linear
            )
            self._prepared[linear] = (
                fitted,
                matrix,
                fitted.transform(self.test.features[columns]),
            )
        return self._prepared[linear]
