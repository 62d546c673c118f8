"""The types beside skops' own that a model file of ours may hold; anything else is refused before a load.

The scorer that travels inside saved models has the same list, since it imports nothing of churn-ops; a test compares
them.
"""

from __future__ import annotations

TREE = "sklearn.tree._tree.Tree"
BOOSTED_TREE = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
CALIBRATION = ("sklearn.calibration._CalibratedClassifier", "sklearn.calibration._SigmoidCalibration")

ALLOWED_TYPES = frozenset({TREE, BOOSTED_TREE, *CALIBRATION})
