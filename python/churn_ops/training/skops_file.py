"""Write scikit-learn models as skops files, quickly.

``skops.io.dump`` indents its schema, which takes Python's slow JSON encoder: over half of the time for a forest. This
writes the same file (``skops.io._persist._save`` of skops 0.16) with a compact schema; ``skops.io.load`` reads both.
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
        state = get_state(model, context)
        context.clear_memo()
        state["protocol"] = context.protocol
        state["_skops_version"] = skops.__version__
        archive.writestr("schema.json", json.dumps(state, separators=(",", ":")))
