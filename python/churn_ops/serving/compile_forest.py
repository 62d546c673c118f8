"""Write a registered forest as files that TypeScript walks, with the answers that prove the walk."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pandas as pd

from churn_ops.contract import CompiledForest, ForestRequest, NotCompilable, StoreRules, Tag
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
    "Restore its files from a backup, or choose another version; `churn-ops models` lists them.",
)


def compile_forest(request: ForestRequest, progress: Progress) -> CompiledForest | NotCompilable:
    """Compile a version after a check of its files and types; another kind of model is answered with the reason.

    Raises
    ------
    ChurnOpsError
        ``VERSION_UNKNOWN``, ``PICKLE_REFUSED``, ``SIGNATURE_MISSING``, or ``MODEL_INTEGRITY``, also for a version that
        gives other answers to its held-out rows than when it was trained.
    """
    store, version, folder = request["store"], request["version"], Path(request["folder"])
    progress("compile", 0, 0, f"version {version}: loads")
    client = connect(store["trackingUri"], must_exist=True)
    stored = StoredVersions(client, store["model"], _COMPILED)
    manifest = stored.tags(version).get(Tag.MANIFEST)
    if manifest is None or not stored.is_ours(version):
        return {"reason": "it has no manifest to bind a proof to"}
    files = stored.folder(version)
    try:
        scorer = load_scorer(files)
        parts = model_parts.take_apart(scorer.model)
    except model_parts.NotCompilable as error:
        return {"reason": str(error)}
    # A damaged file may make the loader raise anything.
    except Exception as error:
        raise stored.unusable(version, f"its model cannot be loaded ({str(error)[:200]})") from error
    try:
        known = pd.concat([stored.rows(version, side).features for side in ("held_out", "reference")])
    except ChurnOpsError as error:
        if error.code != "MODEL_INTEGRITY":
            raise
        return {"reason": "the rows that would prove it cannot be read"}
    names = [column.name for column in parts.columns]
    known = known[names]
    answer = functools.partial(answers, scorer)
    now = answer(stored.rows(version, "held_out").features[names])["probability"].to_numpy()
    if not np.allclose(
        now, stored.answers(version, "held_out").probabilities, rtol=0, atol=StoreRules.GOLDEN_TOLERANCE
    ):
        raise stored.unusable(version, "it gives different predictions for its stored rows than when it was trained")
    write_forest(parts, manifest, folder)
    write_golden(parts, golden_rows(parts, request["goldenRows"], request["seed"]), answer, folder)
    beside = boundary_rows(parts, known, request["boundaryRows"], request["seed"])
    made_up = adversarial_rows(parts, known, request["adversarialRows"], request["seed"])
    rows = pd.concat([known, beside, made_up], ignore_index=True)
    text = f"version {version}: scikit-learn's answers"
    write_proof(parts, rows, answer, folder, lambda done, total: progress("prove", done, total, text))
    return {"manifestSha256": manifest, "rows": len(rows)}
