"""The python_function loader that travels inside every saved model.

It imports nothing of churn-ops: MLflow serves the model wherever mlflow, scikit-learn, pandas, numpy and skops are. The
file is copied under a name that carries the hash of its content, because MLflow only prepends to ``sys.path``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import skops.io

ALLOWED_TYPES = frozenset(
    {
        "sklearn.tree._tree.Tree",
        "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
        "sklearn.calibration._CalibratedClassifier",
        "sklearn.calibration._SigmoidCalibration",
    }
)


class ChurnScorer:
    """Answers labels, or with ``detail`` rows of label, probability and threshold.

    Parameters
    ----------
    model : estimator
        A fitted classifier with ``predict_proba`` on raw rows.
    threshold : float
        A row is positive when its probability is at least this.
    """

    def __init__(self, model: Any, threshold: float) -> None:
        self.model = model
        self.threshold = threshold

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> np.ndarray | pd.DataFrame:
        """Score raw rows.

        Parameters
        ----------
        model_input : pandas.DataFrame
            The columns of the signature.
        params : dict, optional
            ``detail``: whether to answer more than labels.

        Returns
        -------
        numpy.ndarray of int or pandas.DataFrame
            One label or one row for each input row.
        """
        frame = model_input.copy(deep=False)
        for name in frame.columns:
            if not pd.api.types.is_numeric_dtype(frame[name].dtype):
                # A missing category must be None as in training: NaN would be a category that nobody knows.
                frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
        probability = self.model.predict_proba(frame)[:, 1]
        label = (probability >= self.threshold).astype(np.int64)
        if not (params or {}).get("detail", False):
            return label
        return pd.DataFrame({"label": label, "probability": probability, "threshold": self.threshold})


def _load_pyfunc(path: str) -> ChurnScorer:
    """Load the model after checking its types against the list above, not against one stored beside the model."""
    file = Path(path) / "model.skops" if Path(path).is_dir() else Path(path)
    unknown = sorted(set(skops.io.get_untrusted_types(file=file)) - ALLOWED_TYPES)
    if unknown:
        raise ValueError(f"{file.name} holds types that are not allowed: {', '.join(unknown)}")
    model = skops.io.load(file, trusted=sorted(ALLOWED_TYPES))
    return ChurnScorer(model, float(model.threshold))
