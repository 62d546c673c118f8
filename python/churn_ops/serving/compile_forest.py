"""Write a registered forest as files that TypeScript walks, with the answers that prove the walk."""

from __future__ import annotations

import functools
from pathlib import Path

import pandas as pd

from churn_ops.contract import CompiledForest, ForestRequest, NotCompilable, Tag
from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.serving import model_parts
from churn_ops.serving.boundary_rows import boundary_rows
from churn_ops.serving.forest_file import write_forest
from churn_ops.serving.made_up_rows import adversarial_rows, golden_rows
from churn_ops.serving.proof_files import write_golden, write_proof
from churn_ops.serving.scorer import answers, load_scorer
from churn_ops.store.connect import connect
from churn_ops.versions.purpose import Purpose
from churn_ops.versions.stored import StoredVersions

_COMPILED = Purpose(
    "cannot be compiled",
    "Nothing was changed.",
    "Restore its files from a back-up, or serve it by MLflow: `churn-ops serve --engine mlflow`.",
)


def compile_forest(request: ForestRequest, progress: Progress) -> CompiledForest | NotCompilable:
    """Compile a version after a check of its files and types; another kind of model is answered with the reason.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``MODEL_INTEGRITY``, ``PICKLE_REFUSED`` or ``SIGNATURE_MISSING``.
    """
    store, version, folder = request["store"], request["version"], Path(request["folder"])
    progress("compile", 0, 0, f"version {version}: loads")
    client = connect(store["trackingUri"], must_exist=True)
    stored = StoredVersions(client, store["model"], _COMPILED)
    manifest = stored.tags(version).get(Tag.MANIFEST)
    if manifest is None or not stored.is_ours(version):
        return {"reason": "it has no manifest that a proof could be bound to"}
    try:
        scorer = load_scorer(stored.folder(version))
        parts = model_parts.take_apart(scorer.model)
    except model_parts.NotCompilable as error:
        return {"reason": str(error)}
    try:
        known = pd.concat([stored.rows(version, side).features for side in ("held_out", "reference")])
    except ChurnOpsError as error:
        if error.code != "MODEL_INTEGRITY":
            raise
        return {"reason": "the rows that would prove it cannot be read"}
    known = known[[column.name for column in parts.columns]]
    answer = functools.partial(answers, scorer)
    write_forest(parts, manifest, folder)
    write_golden(parts, golden_rows(parts, request["goldenRows"], request["seed"]), answer, folder)
    beside = boundary_rows(parts, known, request["boundaryRows"], request["seed"])
    made_up = adversarial_rows(parts, known, request["adversarialRows"], request["seed"])
    rows = pd.concat([known, beside, made_up], ignore_index=True)
    text = f"version {version}: scikit-learn's answers"
    write_proof(parts, rows, answer, folder, lambda done, total: progress("prove", done, total, text))
    return {"manifestSha256": manifest, "rows": len(rows)}
