"""The types besides skops' own that a model file of ours may hold; anything else is refused before a load.

The scorer that travels inside saved models has the same list, since it imports nothing of churn-ops; a test compares
them.
"""

from __future__ import annotations

import functools
import hashlib
import json
import zipfile
from pathlib import Path
from typing import Any

TREE = "sklearn.tree._tree.Tree"
BOOSTED_TREE = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
CALIBRATION = ("sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration")

#: The module that travels inside saved models; not imported, since skops comes with it.
SCORER_FILE = Path(__file__).parents[1] / "training" / "fit" / "scorer.py"

ALLOWED_TYPES = frozenset({TREE, BOOSTED_TREE, *CALIBRATION})

# Everything that a forest of ours consists of, and by which part of skops it is loaded. A file of nothing else needs no
# skops to judge it, whose import takes as long as all the rest of a promotion.
_FOREST = frozenset(
    {
        ("CachedNode", None, None),
        ("DictNode", "builtins", "dict"),
        ("JsonNode", "builtins", "str"),
        ("ListNode", "builtins", "list"),
        ("NdArrayNode", "numpy", "int64"),
        ("NdArrayNode", "numpy", "ndarray"),
        ("ObjectNode", "sklearn.compose._column_transformer", "ColumnTransformer"),
        ("ObjectNode", "sklearn.ensemble._forest", "RandomForestClassifier"),
        ("ObjectNode", "sklearn.frozen._frozen", "FrozenEstimator"),
        ("ObjectNode", "sklearn.model_selection._classification_threshold", "FixedThresholdClassifier"),
        ("ObjectNode", "sklearn.pipeline", "Pipeline"),
        ("ObjectNode", "sklearn.preprocessing._encoders", "OneHotEncoder"),
        ("ObjectNode", "sklearn.preprocessing._function_transformer", "FunctionTransformer"),
        ("ObjectNode", "sklearn.tree._classes", "DecisionTreeClassifier"),
        ("SliceNode", "builtins", "slice"),
        ("TreeNode", "sklearn.tree._tree", "Tree"),
        ("TupleNode", "builtins", "tuple"),
        ("TypeNode", "builtins", "str"),
        ("TypeNode", "numpy", "float64"),
    }
)


def disallowed_types(file: Path) -> list[str]:
    """Name the types in a skops file that neither skops nor we allow; builds none of them."""
    if _is_forest(file):
        return []
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

    strange = disallowed_types(file)
    if strange:
        raise ValueError(f"it contains types that are not allowed: {', '.join(strange)}")
    return skops.io.load(file, trusted=sorted(ALLOWED_TYPES))


def _is_forest(file: Path) -> bool:
    """Tell whether a whole file consists of the parts of a forest alone."""
    with zipfile.ZipFile(file) as archive:
        if archive.testzip() is not None:
            return False
        return _parts(json.loads(archive.read("schema.json"))) <= _FOREST


def _parts(schema: Any) -> set[tuple[Any, Any, Any]]:
    found, left = set(), [schema]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            left += node.values()
            if "__loader__" in node:
                found.add((node["__loader__"], node.get("__module__"), node.get("__class__")))
        elif isinstance(node, list):
            left += node
    return found


@functools.cache
def scorer_hash() -> str:
    """SHA-256 of the scorer that this release puts into models, hex."""
    return hashlib.sha256(SCORER_FILE.read_bytes()).hexdigest()
