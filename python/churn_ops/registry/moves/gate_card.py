"""The gate's evidence in a version's description, which MLflow's UI shows as its card."""

from __future__ import annotations

from typing import TYPE_CHECKING

from churn_ops.contract import GateEvidence, JournalEntry

if TYPE_CHECKING:
    from mlflow import MlflowClient

_BEGIN = "<!-- churn-ops gate -->"
_END = "<!-- /churn-ops gate -->"


def write(client: MlflowClient, model: str, version: str, entry: JournalEntry) -> None:
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
    evidence = entry.get("evidence")
    if evidence is None:
        return
    description = client.get_model_version(model, version).description or ""
    before, _, rest = description.partition(_BEGIN)
    after = rest.partition(_END)[2]
    text = f"{before.rstrip()}\n\n{_section(entry, evidence)}{after}".strip()
    client.update_model_version(model, version, text)


def _section(entry: JournalEntry, evidence: GateEvidence) -> str:
    interval = "" if evidence["interval"] is None else "{:+.4f} to {:+.4f}".format(*evidence["interval"])
    facts = [
        f"| outcome | {evidence['outcome']} |",
        f"| {evidence['metric']} of version {evidence['champion']['version']} | {evidence['champion']['score']:.4f} |",
        f"| {evidence['metric']} of version {evidence['challenger']['version']}"
        f" | {evidence['challenger']['score']:.4f} |",
        f"| difference, 95 % interval | {evidence['difference']:+.4f} ({interval}) |",
        f"| rows, churners, dropped | {evidence['rows']}, {evidence['churners']}, {evidence['dropped']} |",
        f"| rows from | {evidence['source']} |",
        f"| policy | {entry['policy']} ({entry.get('policySha256')}) |",
        f"| by, at | {entry['actor']}, {entry['at']} |",
    ]
    return "\n".join([_BEGIN, "### Promotion gate", "", "| | |", "|---|---|", *facts, "", entry["reason"], _END])
