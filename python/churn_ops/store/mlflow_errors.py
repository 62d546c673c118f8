"""The errors of MLflow, for code that may run without it: what was not imported has raised nothing."""

from __future__ import annotations

import sys


def mlflow_errors() -> tuple[type[BaseException], ...]:
    """Give what an ``except`` catches of MLflow; nothing before it is imported."""
    exceptions = sys.modules.get("mlflow.exceptions")
    return () if exceptions is None else (exceptions.MlflowException,)
