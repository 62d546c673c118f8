"""The scorer that lies in a version's folder: what MLflow serves, and so what a walk is compared with."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from churn_ops.integrity import model_record
from churn_ops.serving.model_parts import NotCompilable

_OURS = "churn_ops_scorer_"


def load_scorer(folder: Path) -> Any:
    """Load a version with its own scorer, which checks the types in the model file.

    Parameters
    ----------
    folder : pathlib.Path
        The version's files, checked by ``integrity.verify``.

    Raises
    ------
    NotCompilable
        When it has no scorer of ours.
    """
    served = model_record.read_record(folder)["flavors"].get("python_function") or {}
    name = str(served.get("loader_module"))
    spec = importlib.util.spec_from_file_location(name, folder / "code" / f"{name}.py")
    if not name.startswith(_OURS) or spec is None or spec.loader is None:
        raise NotCompilable("it was registered without churn-ops")
    module = importlib.util.module_from_spec(spec)
    # The version's folder must stay as it was registered.
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module._load_pyfunc(str(folder))


def answers(scorer: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """Answer raw rows with ``label``, ``probability`` and ``threshold``."""
    return scorer.predict(rows, {"detail": True})
