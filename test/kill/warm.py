"""Imports everything once, so that a process forked from this one begins where a real one is after six seconds."""

from __future__ import annotations

import importlib
import os
import sys
import time
from collections.abc import Iterable

_MODULES = (
    "mlflow.sklearn",
    "mlflow.artifacts",
    "pyarrow.parquet",
    "sklearn.model_selection",
    "skops.io",
    "mlflow.store.tracking.sqlalchemy_store",
    "mlflow.store.model_registry.sqlalchemy_store",
    "psycopg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "churn_ops_launch",
    "churn_ops.wire",
    "churn_ops.training.train",
    "churn_ops.training.search",
    "churn_ops.training.engine.run_task",
    "churn_ops.training.engine.worker",
    "churn_ops.training.evidence.report",
    "churn_ops.registry.moves.apply",
    "churn_ops.registry.versions",
    "churn_ops.registry.moves.gate_card",
)

#: As ``src/compose.ts`` sets them for the Python that it starts.
VARIABLES = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}


_seconds = 0.0


def imports() -> None:
    """Import the libraries and do what they put off to their first use; no thread is started and nothing is opened."""
    global _seconds
    begun = time.monotonic()
    os.environ.update(VARIABLES)
    for name in _MODULES:
        importlib.import_module(name)
    _seconds = time.monotonic() - begun
    from mlflow.utils import requirements_utils
    from sqlalchemy.orm import configure_mappers

    configure_mappers()
    requirements_utils._init_modules_to_packages_map()


def seconds() -> float:
    """How long the imports took."""
    return _seconds


def imports_of(names: Iterable[str]) -> None:
    """Import modules that a fork of this process had to import late."""
    for name in sorted(set(names) - set(sys.modules)):
        try:
            importlib.import_module(name)
        except Exception:  # noqa: BLE001  (made at run time, such as a migration: nothing to import)
            continue
