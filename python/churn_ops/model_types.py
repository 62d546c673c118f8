"""The types beside skops' own that a model file of ours may hold; anything else is refused before a load.

The scorer that travels inside saved models has the same list, since it imports nothing of churn-ops; a test compares
them.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

TREE = "sklearn.tree._tree.Tree"
BOOSTED_TREE = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
CALIBRATION = ("sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration")

ALLOWED_TYPES = frozenset({TREE, BOOSTED_TREE, *CALIBRATION})


def strange_types(file: Path) -> list[str]:
    """Name the types in a skops file that neither skops nor we allow; builds none of them."""
    import skops.io

    return sorted(set(skops.io.get_untrusted_types(file=file)) - ALLOWED_TYPES)


def load_checked(file: Path) -> Any:
    """Load a skops file whose types are all allowed.

    Raises
    ------
    ValueError
        When it holds another type; whatever skops raises when it is damaged.
    """
    import skops.io

    strange = strange_types(file)
    if strange:
        raise ValueError(f"it holds types that are not allowed: {', '.join(strange)}")
    return skops.io.load(file, trusted=sorted(ALLOWED_TYPES))


@functools.cache
def scorer_hash() -> str:
    """SHA-256 of the scorer that this release puts into models, hex."""
    return hashlib.sha256((Path(__file__).parent / "training" / "scorer.py").read_bytes()).hexdigest()
