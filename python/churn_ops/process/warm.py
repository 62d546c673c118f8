"""Import the heavy libraries early, while Node still reads the table."""

from __future__ import annotations

import importlib

from churn_ops.contract import Nothing, Warming
from churn_ops.progress import Progress


def warm(request: Warming, _progress: Progress) -> Nothing:
    """Import the named modules."""
    for name in request["modules"]:
        importlib.import_module(name)
    return {}
