"""Rows with scikit-learn's own answers to them, for TypeScript to compare its own with."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from churn_ops.serving.array_file import write_arrays
from churn_ops.serving.model_parts import ModelParts

#: What answers raw rows with ``label``, ``probability`` and ``threshold``.
Answer = Callable[[pd.DataFrame], pd.DataFrame]
Told = Callable[[int, int], None]

_ROWS_AT_ONCE = 20_000


def write_proof(parts: ModelParts, rows: pd.DataFrame, answer: Answer, folder: Path, told: Told) -> None:
    """Write ``rows.json`` and ``rows.bin``: the values column by column, and the answers.

    Parameters
    ----------
    parts : ModelParts
        The model.
    rows : pandas.DataFrame
        Raw rows.
    answer : callable
        The served model.
    folder : pathlib.Path
        Where to.
    told : callable
        Is told how many rows of how many are done.
    """
    arrays: dict[str, np.ndarray] = {}
    texts: list[list[Any] | None] = []
    for place, column in enumerate(parts.columns):
        if column.values is None:
            arrays[f"column{place}"] = rows[column.name].to_numpy(dtype=np.float64)
            texts.append(None)
        else:
            codes, values = pd.factorize(rows[column.name].to_numpy(dtype=object), use_na_sentinel=True)
            arrays[f"column{place}"] = np.where(codes < 0, len(values), codes).astype(np.uint32)
            texts.append([*values.tolist(), None])
    answers = []
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        answers.append(answer(rows.iloc[start : start + _ROWS_AT_ONCE].reset_index(drop=True)))
        told(min(start + _ROWS_AT_ONCE, len(rows)), len(rows))
    together = pd.concat(answers)
    arrays["probabilities"] = together["probability"].to_numpy(dtype=np.float64)
    arrays["labels"] = together["label"].to_numpy(dtype=np.uint8)
    write_arrays(folder, "rows", {"rows": len(rows), "texts": texts}, arrays)


def write_golden(parts: ModelParts, rows: pd.DataFrame, answer: Answer, folder: Path) -> None:
    """Write ``golden.json``: a few made-up rows and the answers to them, to be asked again at each start."""
    answers = answer(rows)
    values = rows[[column.name for column in parts.columns]].astype(object)
    listed = values.where(values.notna(), None).to_numpy().tolist()
    written = {
        "rows": listed,
        "probabilities": answers["probability"].tolist(),
        "labels": answers["label"].tolist(),
    }
    (folder / "golden.json").write_text(json.dumps(written, separators=(",", ":"), allow_nan=False))
