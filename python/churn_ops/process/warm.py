"""Import the heavy libraries early, while Node still reads the table."""

from __future__ import annotations

import importlib
from typing import Any

from churn_ops.progress import Progress


def warm(payload: dict[str, Any], _progress: Progress) -> dict[str, Any]:
    """Import the named modules.

    Parameters
    ----------
    payload : dict
        ``modules``, a list of module names.

    Returns
    -------
    dict
        Empty.
    """
    for name in payload["modules"]:
        importlib.import_module(name)
    return {}
