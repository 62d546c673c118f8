"""Compare pairs of versions on rows that neither of them trained on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np

from churn_ops.contract import ComparePair, CompareRequest, PairedComparison, Problem
from churn_ops.errors import ChurnOpsError
from churn_ops.process import lifetime
from churn_ops.progress import Progress
from churn_ops.registry.compare import paired
from churn_ops.registry.compare.same_rows import identities, seen
from churn_ops.registry.compare.scored import Scored
from churn_ops.registry.compare.stored import stored_versions
from churn_ops.statistics.resample import group_codes
from churn_ops.store.connect import connect
from churn_ops.store.registry_reader import open_without_mlflow
from churn_ops.table.known_rows import among, with_whole_customers
from churn_ops.versions.stored import StoredVersions

if TYPE_CHECKING:
    from churn_ops.registry.compare.fresh import FreshRows
    from churn_ops.store.registry_reader import RegistryClient


def compare(request: CompareRequest, progress: Progress) -> list[Problem | PairedComparison]:
    """Compare pairs of versions.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY`` when a required pair cannot be compared.
    """
    store = request["store"]
    stored = stored_versions(_open(request), store["model"])
    fresh = _fresh(request, stored)
    results = []
    for done, pair in enumerate(request["pairs"]):
        lifetime.end_if_orphaned()
        progress("compare", done, len(request["pairs"]), f"version {pair['candidate']} with {pair['baseline']}")
        try:
            rows = _rows(stored, fresh, pair)
        except ChurnOpsError as error:
            if pair["required"]:
                raise
            results.append({"problem": error.message})
            continue
        results.append(_result(rows, stored, pair, request))
    progress("compare", len(results), len(results), "done")
    return results


def _open(request: CompareRequest) -> RegistryClient:
    address = request["store"]["trackingUri"]
    if all(pair["rows"] == "held-out" and not pair["newerOnly"] for pair in request["pairs"]):
        return open_without_mlflow(address)
    # Models will be loaded, and whatever they load finds MLflow at this store.
    return connect(address, must_exist=True)


def _fresh(request: CompareRequest, stored: StoredVersions) -> FreshRows | None:
    if request["fresh"] is None:
        return None
    from churn_ops.registry.compare.fresh import FreshRows

    return FreshRows(stored, request["fresh"])


def _rows(stored: StoredVersions, fresh: FreshRows | None, pair: ComparePair) -> Scored:
    baseline, candidate = pair["baseline"], pair["candidate"]
    if pair["rows"] == "file":
        if fresh is None:
            raise ValueError("a pair on a file needs the file")
        return fresh.scored(baseline, candidate, pair["newerOnly"])
    if pair["newerOnly"]:
        return _newer(stored, baseline, candidate)
    return stored_rows(stored, baseline, candidate)


def stored_rows(stored: StoredVersions, baseline: str, candidate: str) -> Scored:
    """Rows that both versions held out, with their stored answers; a row that stands there twice counts twice."""
    one, other = stored.answers(baseline, "held_out"), stored.answers(candidate, "held_out")
    names, others = (identity.tolist() for identity in identities(stored, baseline, candidate))
    # Rows of one name are copies, which a model answers alike.
    first = {name: place for place, name in reversed(list(enumerate(names)))}
    places = np.array([first.get(name, -1) for name in others], dtype=np.int64)
    common = places >= 0
    by_candidate, by_baseline = seen(stored, candidate, baseline), seen(stored, baseline, candidate)
    kept = np.flatnonzero(common & ~by_baseline & ~np.where(common, by_candidate[places], False))
    kept = kept[np.argsort(other.keys[kept], kind="stable")]
    # The union of both held-out sets, less what is left.
    known = frozenset(others)
    without = sum(name not in known for name in names)
    return Scored(
        other.keys[kept],
        other.labels[kept],
        stored.customers(candidate, "held_out").group[kept],
        one.probabilities[places[kept]],
        other.probabilities[kept],
        len(others) + without - len(kept),
    )


def _newer(stored: StoredVersions, baseline: str, candidate: str) -> Scored:
    """Held-out rows of the candidate that the baseline has never met, scored by the baseline now."""
    from churn_ops.registry.compare import scoring
    from churn_ops.registry.compare.same_values import same_content

    other = stored.answers(candidate, "held_out")
    met = among(other.keys, stored.answers(baseline, "held_out").keys) | seen(stored, candidate, candidate)
    met |= seen(stored, baseline, candidate) | same_content(stored, baseline, candidate, "held_out")
    rows = stored.rows(candidate, "held_out")
    fresh = ~with_whole_customers(met, rows.group)
    probabilities = np.empty(0)
    if fresh.any():
        names = scoring.signature_columns(stored, baseline)
        probabilities = scoring.probabilities(scoring.load(stored, baseline), rows.features[fresh], names)
    keys = other.keys[fresh]
    order = np.argsort(keys)
    return Scored(
        keys[order],
        other.labels[fresh][order],
        rows.group[fresh][order],
        probabilities[order],
        other.probabilities[fresh][order],
        int((~fresh).sum()),
    )


def _result(rows: Scored, stored: StoredVersions, pair: ComparePair, request: CompareRequest) -> PairedComparison:
    metric = request["metric"]
    facts: PairedComparison = {
        "rows": len(rows.labels),
        "churners": int(rows.labels.sum()),
        "customers": len(np.unique(group_codes(rows.groups))),
        "churnedCustomers": len(np.unique(group_codes(rows.groups)[rows.labels == 1])),
        "dropped": rows.dropped,
        "rowsSha256": hashlib.sha256("\n".join(rows.keys.tolist()).encode()).hexdigest()[:16],
        "comparison": None,
    }
    if 0 < facts["churners"] < facts["rows"]:
        thresholds = [stored.answers(pair[side], "held_out").threshold for side in ("baseline", "candidate")]
        facts["comparison"] = paired.paired_difference(
            rows.labels,
            paired.answers(rows.baseline, thresholds[0], metric),
            paired.answers(rows.candidate, thresholds[1], metric),
            rows.groups,
            metric,
            pair["draws"],
            request["seed"],
            request["confidence"],
        )
    return facts
