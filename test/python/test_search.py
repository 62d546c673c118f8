"""Other estimators, searches, thresholds and calibration, on scikit-learn's own classes."""

import mlflow
import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.metrics import average_precision_score
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, StratifiedKFold, cross_val_predict

from churn_ops.artifacts.fetch import download, version_folder
from churn_ops.integrity import model_types
from churn_ops.store.connect import connect
from churn_ops.training.engine.plan import plan_candidates
from churn_ops.training.fit import forest as forests
from churn_ops.training.fit import scorer
from churn_ops.training.fit.estimators import build
from churn_ops.training.fit.out_of_sample import folds_out_of_sample, forest_out_of_sample
from churn_ops.training.fit.preprocessing import fit_and_transform
from churn_ops.training.fit.threshold import choose_threshold
from churn_ops.training.train import train
from churn_ops.versions.rows import read_rows

LABELS = (np.random.default_rng(0).random(300) < 0.35).astype(int)
MATRIX = np.random.default_rng(1).normal(size=(300, 6)) + LABELS[:, None] * np.array([1.0, 0.5, 0, 0, 0, 0])


#: One row a customer.
ALONE = np.arange(300)


def folds_of(count, seed):
    return StratifiedKFold(count, shuffle=True, random_state=seed)


def silent(*_):
    pass


def folder_of(request, candidate):
    client = connect(request["store"]["trackingUri"])
    return version_folder(client, request["store"]["model"], candidate["version"])


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("forest", lambda count: RandomForestClassifier(count, max_depth=4, random_state=3)),
        (
            "extra-trees",
            lambda count: ExtraTreesClassifier(count, max_depth=4, bootstrap=True, random_state=3),
        ),
    ],
)
def test_every_number_of_trees_of_one_fit_is_the_forest_fitted_on_its_own(name, make):
    fitted = forests.fit_forest(name, MATRIX, LABELS, {"n_estimators": 12, "max_depth": 4}, 3, 2)
    answered = forests.probabilities(fitted, [3, 7, 12], MATRIX)
    for count in (3, 7, 12):
        own = make(count).fit(MATRIX, LABELS).predict_proba(MATRIX)[:, 1]
        np.testing.assert_array_equal(answered[count], own)
        np.testing.assert_array_equal(forests.first_trees(fitted, count).predict_proba(MATRIX)[:, 1], own)


def test_the_fast_folds_of_a_forest_equal_grid_search():
    fitted = forests.fit_forest("forest", MATRIX, LABELS, {"n_estimators": 9, "max_depth": 3}, 5, 1)
    fast = forest_out_of_sample("forest", fitted, [4, 9], MATRIX, LABELS, ALONE, 3)
    search = GridSearchCV(
        RandomForestClassifier(max_depth=3, random_state=5),
        {"n_estimators": [4, 9]},
        scoring="average_precision",
        cv=folds_of(3, 5),
        refit=False,
    ).fit(MATRIX, LABELS)
    for position, count in enumerate((4, 9)):
        slow = folds_out_of_sample("forest", {"n_estimators": count, "max_depth": 3}, 5, MATRIX, LABELS, ALONE, 3)
        np.testing.assert_array_equal(fast[count].probabilities, slow.probabilities)
        assert fast[count].cv_score == pytest.approx(search.cv_results_["mean_test_score"][position], abs=1e-12)
        assert fast[count].method == slow.method == "three-fold"


def test_out_of_fold_predictions_are_those_of_cross_val_predict():
    found = folds_out_of_sample("logistic-regression", {"C": 0.5}, 5, MATRIX, LABELS, ALONE, 4)
    own = cross_val_predict(
        build("logistic-regression", {"C": 0.5}, 5), MATRIX, LABELS, cv=folds_of(4, 5), method="predict_proba"
    )[:, 1]
    np.testing.assert_array_equal(found.probabilities, own)
    folds = [average_precision_score(LABELS[left], own[left]) for _, left in folds_of(4, 5).split(MATRIX, LABELS)]
    assert found.cv_score == pytest.approx(np.mean(folds))


def test_random_search_tries_what_randomized_search_would():
    grid = {"n_estimators": [3, 5, 8], "max_depth": [2, 3, None], "min_samples_leaf": [1, 4]}
    request = {
        "seed": 11,
        "candidates": [],
        "search": {
            "kind": "random",
            "iterations": 5,
            "folds": 3,
            "spaces": [{"estimator": "forest", "prefix": "RF", "grid": grid}],
        },
    }
    planned = plan_candidates(request, "key")
    search = RandomizedSearchCV(
        RandomForestClassifier(random_state=11),
        grid,
        n_iter=5,
        scoring="average_precision",
        cv=folds_of(3, 11),
        random_state=11,
        refit=False,
    ).fit(MATRIX, LABELS)
    assert [candidate["params"] for candidate in planned] == search.cv_results_["params"]
    for candidate, score in zip(planned, search.cv_results_["mean_test_score"], strict=True):
        ours = folds_out_of_sample("forest", candidate["params"], 11, MATRIX, LABELS, ALONE, 3)
        assert ours.cv_score == pytest.approx(score, abs=1e-12)


def test_four_estimators_compete_under_one_name_and_each_loads(training_request):
    training_request["candidates"] = [
        {"name": "RF", "estimator": "forest", "params": {"n_estimators": 20, "max_depth": 4}},
        {"name": "ET", "estimator": "extra-trees", "params": {"n_estimators": 20, "max_depth": 4}},
        {"name": "HGB", "estimator": "hist-gradient-boosting", "params": {"max_iter": 10}},
        {"name": "LR", "estimator": "logistic-regression", "params": {"C": 0.1}},
    ]
    outcome = train(training_request, silent)
    client = connect(training_request["store"]["trackingUri"])
    types = {
        "forest": ["sklearn.tree._tree.Tree"],
        "extra-trees": ["sklearn.tree._tree.Tree"],
        "hist-gradient-boosting": ["sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"],
        "logistic-regression": [],
    }
    for candidate in outcome["candidates"]:
        version = client.get_model_version("RandomForestGridSearch", candidate["version"])
        assert version.tags["churnops.estimator"] == candidate["estimator"]
        folder = folder_of(training_request, candidate)
        assert skops.io.get_untrusted_types(file=folder / "model.skops") == types[candidate["estimator"]]
        rows = pd.read_json(folder / "input_example.json", orient="split").astype({"tenure": float})
        for name in ("SeniorCitizen", "MonthlyCharges", "TotalCharges"):
            rows[name] = rows[name].astype(float)
        answered = mlflow.pyfunc.load_model(str(folder)).predict(rows, params={"detail": True})
        own = mlflow.sklearn.load_model(str(folder)).predict_proba(rows)[:, 1]
        np.testing.assert_allclose(answered["probability"], own, rtol=0, atol=1e-12)
        blank = rows.assign(TotalCharges=np.nan, tenure=np.nan)
        assert np.isfinite(mlflow.sklearn.load_model(str(folder)).predict_proba(blank)).all()
        stored = pd.read_csv(folder / "predictions" / "reference.csv")
        assert stored["probability"].notna().mean() > 0.9


def test_a_candidate_that_fails_is_recorded_and_costs_no_other(training_request):
    training_request["candidates"] = [
        {"name": "bad", "estimator": "logistic-regression", "params": {"solver": "lbfgs", "l1_ratio": 0.5}},
        {"name": "good", "estimator": "forest", "params": {"n_estimators": 5, "max_features": 2}},
    ]
    outcome = train(training_request, silent)
    assert [candidate["name"] for candidate in outcome["candidates"]] == ["good"]
    (failed,) = outcome["failed"]
    assert failed["name"] == "bad"
    assert "lbfgs" in failed["reason"]
    client = connect(training_request["store"]["trackingUri"])
    run = client.get_run(failed["runId"])
    assert (run.info.status, run.data.tags["churnops.failure"]) == ("FAILED", failed["reason"])
    assert len(client.search_model_versions("name = 'RandomForestGridSearch'")) == 1


def test_optuna_is_seeded_and_a_second_run_reuses_its_trials(training_request):
    training_request["search"] = {
        "kind": "optuna",
        "iterations": 3,
        "folds": None,
        "spaces": [{"estimator": "forest", "prefix": "RF", "grid": {"n_estimators": [8, 15], "max_depth": [2, 4, 6]}}],
    }
    first = train(training_request, silent)
    assert [candidate["name"] for candidate in first["candidates"]] == ["RF_optuna_1", "RF_optuna_2", "RF_optuna_3"]
    again = train(training_request, silent)
    assert all(candidate["reused"] for candidate in again["candidates"])
    forced = train({**training_request, "force": True}, silent)
    assert [c["params"] for c in forced["candidates"]] == [c["params"] for c in first["candidates"]]


def test_a_capacity_flags_as_many_as_can_be_contacted(training_request):
    training_request["candidates"] = training_request["candidates"][:1]
    training_request["threshold"] = {"kind": "capacity", "share": 0.1}
    (candidate,) = train(training_request, silent)["candidates"]
    stored = pd.read_csv(folder_of(training_request, candidate) / "predictions" / "reference.csv")
    known = stored["probability"].dropna()
    assert (known >= candidate["threshold"]).mean() == pytest.approx(0.1, abs=0.02)
    assert "precision_at_capacity" in candidate["metrics"]


def test_a_cost_rule_takes_the_threshold_with_the_highest_profit():
    random = np.random.default_rng(2)
    probabilities = random.random(400)
    labels = (random.random(400) < probabilities).astype(int)
    values = random.uniform(20, 120, 400)
    rule = {"kind": "cost", "contactCost": 10.0, "saveRate": 0.3, "value": "x"}
    chosen = choose_threshold(rule, labels, probabilities, values)

    def profit(threshold):
        flagged = probabilities >= threshold
        return np.sum((labels * 0.3 * values - 10.0)[flagged])

    assert profit(chosen) == pytest.approx(max(profit(value) for value in probabilities))
    nothing_pays = choose_threshold({**rule, "contactCost": 1000.0}, labels, probabilities, values)
    assert nothing_pays > probabilities.max()


def test_calibration_brings_the_mean_probability_to_the_rate_of_churn(training_request):
    training_request["candidates"] = [
        {
            "name": "ET",
            "estimator": "extra-trees",
            "params": {"n_estimators": 40, "class_weight": "balanced", "max_depth": 5},
        },
        {"name": "HGB", "estimator": "hist-gradient-boosting", "params": {"max_iter": 15, "class_weight": "balanced"}},
    ]
    training_request["calibrate"] = True
    for candidate in train(training_request, silent)["candidates"]:
        folder = folder_of(training_request, candidate)
        stored = pd.read_csv(folder / "predictions" / "reference.csv").dropna()
        assert stored["probability"].mean() == pytest.approx(stored["label"].mean(), abs=0.02)
        saved = mlflow.sklearn.load_model(str(folder))
        held_out = pd.read_csv(folder / "predictions" / "held_out.csv")
        client = connect(training_request["store"]["trackingUri"])
        parent = client.get_model_version("RandomForestGridSearch", candidate["version"]).tags["churnops.parent_run_id"]
        rows = read_rows(download(client, parent, "data/held_out.parquet"), training_request["schema"])
        answered = saved.predict_proba(rows.features[list(saved.feature_names_in_)])[:, 1]
        np.testing.assert_allclose(answered, held_out["probability"], rtol=0, atol=1e-9)


def test_the_preprocessing_of_linear_models_fills_a_blank_with_the_median():
    schema = {"features": [{"name": "a", "kind": "number"}, {"name": "b", "kind": "category"}]}
    train_rows = pd.DataFrame({"a": [1.0, 2.0, 9.0, np.nan], "b": np.array(["x", "y", "x", "y"], dtype=object)})
    fitted = fit_and_transform(schema, train_rows, linear=True)[0]
    blank, median = fitted.transform(pd.DataFrame({"a": [np.nan, 2.0], "b": ["x", "x"]}))
    np.testing.assert_array_equal(blank, median)


def test_the_preprocessing_of_linear_models_takes_a_column_that_is_called_self():
    schema = {"features": [{"name": "self", "kind": "number"}]}
    fitted = fit_and_transform(schema, pd.DataFrame({"self": [1.0, np.nan]}), linear=True)[0]
    assert fitted.transform(pd.DataFrame({"self": [1.0]})).tolist() == [[0.0]]


def test_a_sensitive_column_stays_out_of_the_model_and_beside_it(training_request):
    for column in training_request["schema"]["features"]:
        column["sensitive"] = column["name"] == "gender"
    training_request["candidates"] = training_request["candidates"][:1]
    outcome = train(training_request, silent)
    folder = folder_of(training_request, outcome["candidates"][0])
    model = mlflow.pyfunc.load_model(str(folder))
    assert "gender" not in model.metadata.signature.inputs.input_names()
    assert "gender" not in list(mlflow.sklearn.load_model(str(folder)).feature_names_in_)
    client = connect(training_request["store"]["trackingUri"])
    stored = read_rows(download(client, outcome["parentRunId"], "data/held_out.parquet"))
    assert set(stored.features["gender"]) == {"Female", "Male"}


def test_the_scorer_in_saved_models_allows_the_types_that_churn_ops_allows():
    assert scorer.ALLOWED_TYPES == model_types.ALLOWED_TYPES
