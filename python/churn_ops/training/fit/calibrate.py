"""Platt scaling on predictions of rows that the model did not learn from."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.calibration import CalibratedClassifierCV, _CalibratedClassifier, _SigmoidCalibration
from sklearn.frozen import FrozenEstimator

_EDGE = 1e-12


def calibrated(pipeline: Any, labels: np.ndarray, held: np.ndarray) -> CalibratedClassifierCV:
    """Wrap a fitted pipeline so that its probabilities are calibrated.

    The form of ``CalibratedClassifierCV(ensemble=False)``, whose calibrator sees out-of-fold predictions too; here
    those that training has already made. Platt, Probabilistic outputs for support vector machines (1999).

    Parameters
    ----------
    pipeline : estimator
        Fitted on all training rows.
    labels : numpy.ndarray of int, shape (rows,)
        Of the training rows.
    held : numpy.ndarray of float, shape (rows,)
        Honest probabilities of the training rows; NaN where there is none.

    Returns
    -------
    sklearn.calibration.CalibratedClassifierCV
        Ready to predict.
    """
    frozen = FrozenEstimator(pipeline)
    known = np.isfinite(held)
    sigmoid = _SigmoidCalibration().fit(_scale(pipeline, held[known]), labels[known])
    wrapper = CalibratedClassifierCV(frozen, method="sigmoid", ensemble=False)
    wrapper.classes_ = np.array([0, 1])
    wrapper.n_features_in_ = pipeline.n_features_in_
    wrapper.feature_names_in_ = pipeline.feature_names_in_
    wrapper.calibrated_classifiers_ = [
        _CalibratedClassifier(frozen, [sigmoid], classes=wrapper.classes_, method="sigmoid")
    ]
    return wrapper


def calibrated_probabilities(pipeline: Any, wrapper: CalibratedClassifierCV, raw: np.ndarray) -> np.ndarray:
    """Calibrate probabilities of the pipeline that are known already; NaN stays NaN."""
    sigmoid = wrapper.calibrated_classifiers_[0].calibrators[0]
    known = np.isfinite(raw)
    result = np.full(len(raw), np.nan)
    result[known] = sigmoid.predict(_scale(pipeline, raw[known]))
    return result


def _scale(pipeline: Any, probabilities: np.ndarray) -> np.ndarray:
    # scikit-learn calibrates on the decision function where there is one; for these models it is the log-odds.
    if not hasattr(pipeline, "decision_function"):
        return probabilities
    inside = np.clip(probabilities, _EDGE, 1 - _EDGE)
    return np.log(inside / (1 - inside))
