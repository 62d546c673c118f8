"""Values as JSON between processes: strict, and nothing that JavaScript cannot hold."""

from __future__ import annotations

import math
from typing import Any

#: The largest integer that a JavaScript number holds exactly.
_MAX_SAFE_INTEGER = 2**53 - 1


def finite(value: Any) -> Any:
    """Copy a JSON-like value with what JavaScript numbers cannot hold replaced and numpy scalars as plain ones.

    NaN and Infinity become None, integers over 2**53 become strings.

    Parameters
    ----------
    value : Any
        Dictionaries, lists, tuples, strings, numbers, booleans, None, numpy scalars.

    Returns
    -------
    Any
        The same value, safe for strict JSON.
    """
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if hasattr(value, "item") and not isinstance(value, str | bytes):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) > _MAX_SAFE_INTEGER:
        return str(value)
    return value
