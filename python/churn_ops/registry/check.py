"""Check a version before it is made live again: it loads, takes the table's columns, and answers as it did."""

from __future__ import annotations

from typing import Any

import numpy as np

from churn_ops import tracking
from churn_ops.errors import ChurnOpsError
from churn_ops.registry import scoring
from churn_ops.registry.stored import StoredRows
from churn_ops.wire import Progress

GOLDEN_ROWS = 100
_TOLERANCE = 1e-9


def check(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    """Check one version.

    Parameters
    ----------
    request : dict
        ``store``, ``version`` and ``columns``, the features of the schema.

    Returns
    -------
    dict
        ``goldenRows``, the number of stored answers that it gave again.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY`` or ``SCHEMA_MISMATCH``.
    """
    store, version = request["store"], request["version"]
    progress("check", 0, 0, f"version {version}: loads, signature, stored answers")
    stored = StoredRows(tracking.connect(store["trackingUri"], must_exist=True), store["model"])
    names = scoring.signature_columns(stored, version)
    missing = [name for name in names if name not in request["columns"]]
    if missing:
        raise ChurnOpsError(
            "SCHEMA_MISMATCH",
            f"Version {version} takes columns that the schema does not have: {', '.join(missing[:5])}. "
            "The registry was not changed.",
            "Use the schema that the version was trained with, or choose another version.",
            {"version": version, "missing": missing},
        )
    model = scoring.load(stored, version)
    rows = stored.table(version, "held_out").head(GOLDEN_ROWS)
    before = stored.held_out(version).probabilities[: len(rows)]
    now = scoring.probabilities(model, rows, names)
    if not np.allclose(now, before, rtol=0, atol=_TOLERANCE):
        raise ChurnOpsError(
            "MODEL_INTEGRITY",
            f"Version {version} answers its stored rows otherwise than when it was trained. "
            "The registry was not changed.",
            "Restore its files from a back-up, or choose another version; `churn-ops models` lists them.",
            {"version": version, "largestDifference": float(np.max(np.abs(now - before)))},
        )
    return {"goldenRows": len(rows)}
