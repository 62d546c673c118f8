"""The gate's evidence in a version's description, which MLflow's UI shows as its card."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient

_BEGIN = "<!-- churn-ops gate -->"
_END = "<!-- /churn-ops gate -->"


def write(client: MlflowClient, model: str, version: str, entry: dict[str, Any]) -> None:
    """Put the evidence of a look into the description; whatever else it says stays.

    Parameters
    ----------
    client : mlflow.MlflowClient
        An open store.
    model, version : str
        The registered version.
    entry : dict
        A journal entry with ``evidence``.
    """
    evidence = entry["evidence"]
    if evidence is None:
        return
    description = client.get_model_version(model, version).description or ""
    before, _, rest = description.partition(_BEGIN)
    after = rest.partition(_END)[2]
    text = f"{before.rstrip()}\n\n{_section(entry, evidence)}{after}".strip()
    client.update_model_version(model, version, text)


def _section(entry: dict[str, Any], evidence: dict[str, Any]) -> str:
    low, high = evidence["interval"]
    facts = [
        f"| outcome | {evidence['outcome']} |",
        f"| {evidence['metric']} of version {evidence['champion']['version']} | {evidence['champion']['score']:.4f} |",
        f"| {evidence['metric']} of version {evidence['challenger']['version']}"
        f" | {evidence['challenger']['score']:.4f} |",
        f"| difference, 95 % interval | {evidence['difference']:+.4f} ({low:+.4f} to {high:+.4f}) |",
        f"| rows, churners, dropped | {evidence['rows']}, {evidence['churners']}, {evidence['dropped']} |",
        f"| rows from | {evidence['source']} |",
        f"| policy | {entry['policy']} ({entry['policySha256']}) |",
        f"| by, at | {entry['actor']}, {entry['at']} |",
    ]
    return "\n".join([_BEGIN, "### Promotion gate", "", "| | |", "|---|---|", *facts, "", entry["reason"], _END])
