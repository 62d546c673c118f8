"""Write scikit-learn models as skops files, quickly.

``skops.io.dump`` indents its schema, which takes Python's slow JSON encoder: over half of the time for a forest; and
it writes what a model holds twice two times, such as the frozen estimator of a ``FixedThresholdClassifier``. This
writes the same format (``skops.io._persist._save`` of skops 0.16) compactly and once; ``skops.io.load`` reads both.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import skops
from skops.io._utils import SaveContext, get_state

#: Types beside skops' own that a file of ours may hold; anything else is refused before a load.
ALLOWED_TYPES = ("sklearn.tree._tree.Tree",)


def dump(model: Any, path: Path) -> None:
    """Write a fitted model.

    Parameters
    ----------
    model : estimator
        Any scikit-learn estimator that skops knows.
    path : pathlib.Path
        The file to write.
    """
    with ZipFile(path, "w", compression=ZIP_STORED) as archive:
        context = SaveContext(zip_file=archive)
        state = _state(model, context)
        context.clear_memo()
        state["protocol"] = context.protocol
        state["_skops_version"] = skops.__version__
        archive.writestr("schema.json", json.dumps(state, separators=(",", ":")))


def _state(model: Any, context: SaveContext) -> dict[str, Any]:
    frozen = getattr(model, "estimator_", None)
    if frozen is None or frozen is not getattr(model, "estimator", None):
        return get_state(model, context)
    del model.estimator_
    try:
        state = get_state(model, context)
    finally:
        model.estimator_ = frozen
    # skops' own loader for an object that was met before in the same file.
    seen = {"__module__": None, "__class__": None, "__loader__": "CachedNode", "__id__": context.memoize(frozen)}
    attributes = state["content"]["content"]
    attributes["estimator_"] = seen
    key_types = state["content"]["key_types"]["content"]
    key_types.append(key_types[0])
    return state
