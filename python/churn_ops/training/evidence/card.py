"""The model card: what one version is, for whoever has to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from churn_ops.table.read_table import model_schema
from churn_ops.training.evidence.card_tables import importance_table, missing_values_table, slices_table
from churn_ops.training.evidence.cells import code, plain
from churn_ops.training.evidence.facts import Facts
from churn_ops.training.evidence.importance import Importance
from churn_ops.training.evidence.markdown import number, section, table
from churn_ops.training.evidence.slices import Slice
from churn_ops.training.evidence.words import split_words, threshold_words

_METRIC_WORDS = {
    "f1_score": "F1 at the threshold",
    "f1_oof": "F1 at the threshold, training rows by out-of-sample predictions",
    "f1_at_half": "F1 at 0.5, for comparison",
    "f1_flag_all": "F1 of flagging everyone, for comparison",
    "f1_gain_low": "F1 gain over flagging everyone, lower bound of the 95 % interval",
    "precision": "precision: flagged customers that churned",
    "recall": "recall: churned customers that were flagged",
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "brier": "Brier score (lower is better)",
    "log_loss": "log loss (lower is better)",
    "precision_top_decile": "precision among the tenth with the highest probability",
    "lift_top_decile": "lift of that tenth over all rows",
    "share_flagged": "share of customers flagged",
    "accuracy": "accuracy",
}


def model_card(facts: Facts, slices: Sequence[Slice], importance: Sequence[Importance] = ()) -> str:
    """Write the card as Markdown.

    Parameters
    ----------
    facts : Facts
        The candidate.
    slices : sequence of Slice
        From ``slices.slices``.
    importance : sequence of Importance
        Empty when it was not computed.

    Returns
    -------
    str
        Markdown, with a last newline.
    """
    title = facts.registered_model if facts.version is None else f"{facts.registered_model} version {facts.version}"
    parts = [
        f"# {title}\n\n{_summary(facts)}",
        section("Data and split", _data(facts)),
        section("Model", _model(facts)),
        section("Quality", _quality(facts)),
        section("Feature importance", importance_table(importance)),
        section("By group of customers", slices_table(slices)),
        section("Missing and unknown values", missing_values_table(facts)),
        section("Limits", _limits(facts)),
        section("Load and serve", _use(facts)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _summary(facts: Facts) -> str:
    target, positive = code(facts.schema["target"]["column"]), code(facts.label_names[1])
    return (
        f"Predicts for each customer how likely {target} is {positive}, and flags those with a probability of at least "
        f"{facts.threshold:.4f} on. Run `{facts.name}`, {number(facts.metrics.get('f1_score'))} F1 on test rows"
        f"{_interval(facts.metrics, 'f1_score')}."
    )


def _data(facts: Facts) -> str:
    dataset = facts.training.get("dataset") or {}
    train, test = facts.train.label, facts.test.label
    lines = []
    if dataset:
        left_out = len(facts.training.get("invalidRecords") or [])
        named = f"{code(PurePath(dataset['path']).name)}, {dataset['rows']:,} rows, SHA-256 `{dataset['sha256']}`"
        lines.append(f"- Data: {named}; {left_out} invalid rows excluded.")
    lines += [
        f"- Training: {len(train):,} rows, churn rate {train.mean():.1%}.",
        f"- Test: {len(test):,} rows, churn rate {test.mean():.1%}; not used for any choice.",
    ]
    split = split_words(facts.training)
    if split:
        lines.append(f"- Split: {split}.")
    learned = model_schema(facts.schema)["features"]
    for words, kind in (("Numbers", "number"), ("Categories", "category")):
        names = [plain(column["name"]) for column in learned if column["kind"] == kind]
        lines.append(f"- {words} ({len(names)}): {', '.join(names) or 'none'}.")
    kept_out = [plain(column["name"]) for column in facts.schema["features"] if column not in learned]
    if kept_out:
        lines.append(f"- Sensitive, not used by the model, only for groups: {', '.join(kept_out)}.")
    return "\n".join(lines)


def _model(facts: Facts) -> str:
    training = facts.training
    lines = [f"- Estimator: {facts.estimator}."]
    lines += [f"- {code(name)}: {code(value)}" for name, value in sorted(facts.params.items())]
    lines.append(f"- Threshold: {facts.threshold!r}, {threshold_words(facts)}.")
    if training.get("calibrate"):
        lines.append("- Probabilities are calibrated with a sigmoid on the same predictions.")
    for word, key in (("Seed of the estimator", "seed"), ("churn-ops", "packageVersion"), ("Lock", "lockSha256")):
        if training.get(key) is not None:
            lines.append(f"- {word}: `{training[key]}`")
    if training.get("gitCommit"):
        lines.append(f"- Git commit: `{training['gitCommit']}`")
    return "\n".join(lines)


def _quality(facts: Facts) -> str:
    rows = [
        [words, number(facts.metrics[name]), _interval(facts.metrics, name, bare=True)]
        for name, words in _METRIC_WORDS.items()
        if facts.metrics.get(name) is not None
    ]
    known = [*_METRIC_WORDS, *(f"{name}_{end}" for name in _METRIC_WORDS for end in ("low", "high"))]
    rows += [
        [f"`{name}`", number(value), ""]
        for name, value in sorted(facts.metrics.items())
        if name not in known and name != "threshold" and value is not None
    ]
    note = (
        "On the test rows unless said otherwise. The interval is a bootstrap over test rows; it says nothing about "
        "another split or another month."
    )
    return f"{note}\n\n{table(['metric', 'value', '95 % interval'], rows)}"


def _limits(facts: Facts) -> str:
    tried = facts.candidates or len(facts.search)
    lines = [
        f"- {len(facts.test):,} test rows of one table measure it, not later customers; monitor it with "
        "`churn-ops monitor`.",
        "- It predicts who is likely to leave, not who would stay if contacted.",
        "- Importance and groups describe the model, not causes.",
    ]
    if tried > 1:
        lines.insert(1, f"- It is one of {tried} candidates, ranked by `f1_oof`, which is therefore slightly too high.")
    if not facts.training.get("calibrate"):
        lines.append(
            "- Probabilities are uncalibrated; check the calibration before using them in calculations with money."
        )
    return "\n".join(lines)


def _use(facts: Facts) -> str:
    uri = f"models:/{facts.registered_model}/{facts.version or 'VERSION'}"
    return "\n".join(
        [
            "With `MLFLOW_TRACKING_URI` set to its store:",
            "",
            "```python",
            "import mlflow",
            "",
            f'model = mlflow.pyfunc.load_model("{uri}")',
            'model.predict(rows, params={"detail": True})  # label, probability, threshold; rows: a pandas.DataFrame',
            "```",
            "",
            "```sh",
            "churn-ops serve   # when it is the version in production",
            f'mlflow models serve -m "{uri}" --env-manager local --port 8000',
            "```",
        ]
    )


def _interval(metrics: dict[str, float | None], name: str, bare: bool = False) -> str:
    low, high = metrics.get(f"{name}_low"), metrics.get(f"{name}_high")
    if low is None or high is None:
        return ""
    text = f"{low:.4f} to {high:.4f}"
    return text if bare else f" (95 % interval {text})"
