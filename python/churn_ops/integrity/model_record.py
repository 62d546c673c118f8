"""Judge from a model folder's own record, MLmodel, whether loading the model could run code that nobody checked."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from churn_ops.artifacts import manifest
from churn_ops.integrity import model_types

_SCORER = re.compile(r"churn_ops_scorer_([0-9a-f]{12})")
_PICKLES = frozenset({".pkl", ".pickle", ".cloudpickle", ".joblib", ".pt", ".pth"})


def read_record(folder: Path) -> dict[str, Any]:
    """Read MLmodel.

    Raises
    ------
    ValueError
        When it is no record of a model; OSError when it cannot be read.
    """
    import yaml

    try:
        record = yaml.safe_load((folder / "MLmodel").read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error
    if isinstance(record, dict) and isinstance(record.get("flavors"), dict):
        return record
    raise ValueError("it names no flavors")


def has_inputs(record: dict[str, Any]) -> bool:
    """Tell whether the model has a signature that names its inputs."""
    try:
        return bool(json.loads(record["signature"]["inputs"]))
    except (KeyError, TypeError, ValueError):
        return False


def trusted_types(record: dict[str, Any]) -> list[str]:
    """Types that MLflow would trust because the model itself says so."""
    sklearn = record["flavors"].get("sklearn")
    listed = sklearn.get("skops_trusted_types") if isinstance(sklearn, dict) else None
    return [str(name) for name in listed] if isinstance(listed, list) else []


def why_unsafe(folder: Path, record: dict[str, Any], has_manifest: bool) -> str | None:
    """Say why loading the model could run code that nobody checked; None when it cannot.

    Parameters
    ----------
    folder : pathlib.Path
        The model folder.
    record : dict
        Its MLmodel.
    has_manifest : bool
        Whether its files are known to be those that were registered.
    """
    sklearn = record["flavors"].get("sklearn") or {}
    served = record["flavors"].get("python_function") or {}
    pickles = [file.name for file in folder.rglob("*") if file.suffix in _PICKLES]
    if pickles:
        return f"it contains the pickle {pickles[0]}"
    if sklearn.get("serialization_format") != "skops":
        return f"it is saved as {sklearn.get('serialization_format', 'something that is not a scikit-learn model')}"
    for path in (sklearn.get("pickled_model"), served.get("model_path")):
        if not isinstance(path, str) or not _lies_in(folder, path):
            return f"its MLmodel names {path!r} as model file"
    loader = str(served.get("loader_module"))
    code = [str(file.relative_to(folder / "code")) for file in (folder / "code").rglob("*")]
    if loader == "mlflow.sklearn":
        return None if not served.get("code") and not sklearn.get("code") else "it contains its own code"
    return _why_no_scorer(folder, loader, served.get("code"), sklearn.get("code"), code, has_manifest)


def _why_no_scorer(
    folder: Path, loader: str, served_code: Any, sklearn_code: Any, code: list[str], has_manifest: bool
) -> str | None:
    named = _SCORER.fullmatch(loader)
    if named is None:
        return f"it is loaded by {loader}"
    if served_code != "code" or sklearn_code or code != [f"{loader}.py"]:
        return "it contains its own code"
    found = manifest.hash_file(folder / "code" / code[0])
    # The scorer of an earlier release is vouched for by the manifest alone.
    known = found.startswith(named[1]) and (has_manifest or found == model_types.scorer_hash())
    return None if known else "its scorer is not the one from churn-ops"


def _lies_in(folder: Path, path: str) -> bool:
    file = (folder / path).resolve()
    return file.is_file() and file.is_relative_to(folder.resolve())
