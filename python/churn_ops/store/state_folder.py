"""Where churn-ops keeps what is outside MLflow, and what to do when it cannot."""

from __future__ import annotations

import os
from pathlib import Path


def state_folder() -> Path:
    """Folder for local state, as Node decided it."""
    return Path(os.environ.get("CHURN_OPS_STATE", ".churn-ops")).resolve()


def home_hint(path: object) -> str:
    """Say what to do about a place that cannot be written; the variable that leads there is named."""
    home = os.environ.get("CHURN_OPS_HOME")
    if home and Path(str(path)).is_relative_to(Path(home).absolute()):
        return "Set CHURN_OPS_HOME to a folder that you can write to, then run it again."
    return "Run it in a folder that you can write to."
