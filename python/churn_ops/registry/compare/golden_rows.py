"""Check a version before it is served or made live again."""

from __future__ import annotations

import numpy as np

from churn_ops.artifacts.fetch import local_path
from churn_ops.contract import (
    GoldenAnswers,
    GoldenRows,
    GoldenRowsRequest,
    StoreRules,
    VerifiedFiles,
    VerifyRequest,
    VersionRequest,
)
from churn_ops.errors import ChurnOpsError
from churn_ops.integrity import verify
from churn_ops.progress import Progress
from churn_ops.registry.compare import scoring
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.store.connect import connect


def check(request: GoldenRowsRequest, progress: Progress) -> GoldenRows:
    """Check that a version loads, takes the table's columns and answers as it did.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY``, ``PICKLE_REFUSED``, ``SIGNATURE_MISSING`` or ``SCHEMA_MISMATCH``.
    """
    store, version = request["store"], request["version"]
    progress("check", 0, 0, f"version {version}: loading, signature, stored predictions")
    stored = stored_versions(connect(store["trackingUri"], must_exist=True), store["model"])
    stored.folder(version, verify.allows(request.get("allowPickle"), store["model"], version))
    names = scoring.signature_columns(stored, version)
    missing = [name for name in names if name not in request["columns"]]
    if missing:
        raise ChurnOpsError(
            "SCHEMA_MISMATCH",
            f"Version {version} needs columns that the schema does not have: {', '.join(missing[:5])}. "
            "The registry was not changed.",
            "Use the schema that the version was trained with, or choose another version.",
            {"version": version, "missing": missing},
        )
    if not stored.is_ours(version):
        unloaded = f"Version {version} has no stored predictions to reproduce; it was not loaded."
        return {"goldenRows": 0, "notes": [*stored.notes, unloaded]}
    model = scoring.load(stored, version)
    rows = stored.rows(version, "held_out").features.head(StoreRules.GOLDEN_ROWS)
    before = stored.answers(version, "held_out").probabilities[: len(rows)]
    now = scoring.probabilities(model, rows, names)
    if not np.allclose(now, before, rtol=0, atol=StoreRules.GOLDEN_TOLERANCE):
        raise ChurnOpsError(
            "MODEL_INTEGRITY",
            f"Version {version} gives different predictions for its stored rows than when it was trained. "
            "The registry was not changed.",
            "Restore its files from a backup, or choose another version; `churn-ops models` lists them.",
            {"version": version, "largestDifference": float(np.max(np.abs(now - before)))},
        )
    return {"goldenRows": len(rows), "notes": list(stored.notes)}


def golden(request: VersionRequest, _progress: Progress) -> GoldenAnswers:
    """Give the first held-out rows of a version with its stored answers, for whoever serves it; nothing is loaded.

    There are none for a version that is not ours, and for one whose search was deleted.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``.
    """
    store, version = request["store"], request["version"]
    stored = stored_versions(connect(store["trackingUri"], must_exist=True), store["model"])
    nothing: GoldenAnswers = {"columns": [], "rows": [], "probabilities": []}
    if not stored.is_ours(version):
        return nothing
    try:
        features = stored.rows(version, "held_out").features.head(StoreRules.GOLDEN_ROWS)
        answers = stored.answers(version, "held_out").probabilities[: len(features)]
    except ChurnOpsError as error:
        if error.code not in ("MODEL_INTEGRITY", "STORE_DELETED"):
            raise
        return nothing
    return {
        "columns": [str(name) for name in features.columns],
        "rows": features.astype(object).where(features.notna(), None).to_numpy().tolist(),
        "probabilities": [float(answer) for answer in answers],
    }


def verify_files(request: VerifyRequest, progress: Progress) -> VerifiedFiles:
    """Check the files of a version before it is served; nothing of them is loaded.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY``, ``PICKLE_REFUSED`` or ``SIGNATURE_MISSING``.
    """
    store, version = request["store"], request["version"]
    progress("verify", 0, 0, f"the files of version {version}")
    client = connect(store["trackingUri"], must_exist=True)
    stored = stored_versions(client, store["model"])
    stored.folder(version, verify.allows(request.get("allowPickle"), store["model"], version))
    folder = local_path(client.get_model_version_download_uri(store["model"], version))
    return {"folder": None if folder is None else str(folder), "notes": list(stored.notes)}
