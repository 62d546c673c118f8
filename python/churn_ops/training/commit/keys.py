"""Identity of a training and of its candidates, from their inputs alone."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from churn_ops.contract import TrainingRequest, TrainingRules


def digest(value: Any) -> str:
    """SHA-256 of a JSON value in canonical form, hex."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def training_key(request: TrainingRequest, nonce: str | None) -> str:
    """Key of everything but the candidate's own parameters.

    Parameters
    ----------
    nonce : str or None
        Set by ``--force``, so that nothing is reused.

    Returns
    -------
    str
        SHA-256, hex.
    """
    return digest(
        {
            "data": request["dataset"]["sha256"],
            "invalidRecords": request["invalidRecords"],
            "schema": request["schema"],
            "model": request["store"]["model"],
            "seed": request["seed"],
            "split": request["split"],
            "splitSeed": request["splitSeed"],
            "folds": request["search"]["folds"],
            "threshold": request["threshold"],
            "calibrate": request["calibrate"],
            "rules": {name: value for name, value in vars(TrainingRules).items() if name.isupper()},
            "packageVersion": request["packageVersion"],
            "lock": request["lockSha256"],
            "nonce": nonce,
        }
    )


def candidate_key(training: str, identity: dict[str, Any]) -> str:
    """Key of one candidate: its training, its estimator and its canonical parameters."""
    return digest({"training": training, **identity})
