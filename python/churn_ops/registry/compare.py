"""Compare pairs of versions on rows that neither of them trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from churn_ops import lifetime, tracking
from churn_ops.errors import ChurnOpsError
from churn_ops.registry import paired
from churn_ops.registry.stored import StoredRows, among, content_keys
from churn_ops.wire import Progress

if TYPE_CHECKING:
    from churn_ops.registry.fresh import FreshRows


@dataclass(frozen=True)
class Scored:
    """Rows that both models of a pair answered and neither trained on.

    Attributes
    ----------
    keys : numpy.ndarray of str, shape (rows,)
        Row keys, in ascending order.
    labels : numpy.ndarray of int, shape (rows,)
        1 for a churner.
    baseline, candidate : numpy.ndarray of float, shape (rows,)
        Probabilities of churn.
    dropped : int
        Rows left out because one of the models trained on them or has no answer to them.
    """

    keys: np.ndarray
    labels: np.ndarray
    baseline: np.ndarray
    candidate: np.ndarray
    dropped: int


def compare(request: dict[str, Any], progress: Progress) -> list[dict[str, Any]]:
    """Compare pairs of versions.

    Parameters
    ----------
    request : dict
        ``CompareRequest`` of ``src/usecases/ports/promotion.ts``.

    Returns
    -------
    list of dict
        ``PairedComparison`` for each pair, or ``problem`` where an optional pair cannot be compared.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY`` when a required pair cannot be compared.
    """
    store = request["store"]
    client = tracking.connect(store["trackingUri"], must_exist=True)
    stored = StoredRows(client, store["model"])
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


def _fresh(request: dict[str, Any], stored: StoredRows) -> FreshRows | None:
    if request["fresh"] is None:
        return None
    from churn_ops.registry.fresh import FreshRows

    return FreshRows(stored, request["fresh"])


def _rows(stored: StoredRows, fresh: FreshRows | None, pair: dict[str, Any]) -> Scored:
    baseline, candidate = pair["baseline"], pair["candidate"]
    if pair["rows"] == "file":
        if fresh is None:
            raise ValueError("a pair on a file needs the file")
        return fresh.scored(baseline, candidate, pair["newerOnly"])
    if pair["newerOnly"]:
        return _newer(stored, baseline, candidate)
    return stored_rows(stored, baseline, candidate)


def stored_rows(stored: StoredRows, baseline: str, candidate: str) -> Scored:
    """Rows that both versions held out, with their stored answers."""
    one, other = stored.held_out(baseline), stored.held_out(candidate)
    identity = _identities(stored, baseline, candidate)
    _, at_one, at_other = np.intersect1d(*identity, return_indices=True)
    common = len(at_one)
    kept = ~(_seen(stored, baseline, candidate)[at_one] | _seen(stored, candidate, baseline)[at_other])
    at_one, at_other = at_one[kept], at_other[kept]
    # The union of both held-out sets, less what is left.
    dropped = len(one.keys) + len(other.keys) - common - len(at_one)
    order = np.argsort(other.keys[at_other])
    at_one, at_other = at_one[order], at_other[order]
    return Scored(
        other.keys[at_other],
        other.labels[at_other],
        one.probabilities[at_one],
        other.probabilities[at_other],
        dropped,
    )


def _newer(stored: StoredRows, baseline: str, candidate: str) -> Scored:
    """Held-out rows of the candidate that the baseline has never met, scored by the baseline now."""
    from churn_ops.registry import scoring

    other = stored.held_out(candidate)
    met = among(other.keys, stored.held_out(baseline).keys) | _seen(stored, candidate, candidate)
    fresh = ~(met | _seen(stored, baseline, candidate) | _same_content(stored, baseline, candidate, "held_out"))
    rows = stored.table(candidate, "held_out")
    probabilities = np.empty(0)
    if fresh.any():
        names = scoring.signature_columns(stored, baseline)
        probabilities = scoring.probabilities(scoring.load(stored, baseline), rows.features[fresh], names)
    keys = other.keys[fresh]
    order = np.argsort(keys)
    return Scored(
        keys[order],
        other.labels[fresh][order],
        probabilities[order],
        other.probabilities[fresh][order],
        int((~fresh).sum()),
    )


def _seen(stored: StoredRows, by: str, of: str) -> np.ndarray:
    """Tell which held-out rows of version ``of`` are among the training rows of version ``by``."""
    seen = among(stored.held_out(of).keys, stored.trained_keys(by))
    if stored.same_rows(by, of):
        return seen
    rows, trained = stored.table(of, "held_out"), stored.table(by, "reference")
    if rows.has_ids and trained.has_ids:
        return seen | among(rows.customer, trained.customer)
    if _aligned(stored, by, of):
        # The same table with other columns: places identify rows, the values of few columns do not.
        return seen
    return seen | _same_content(stored, by, of, "reference")


def _same_content(stored: StoredRows, by: str, of: str, side: str) -> np.ndarray:
    """Tell which held-out rows of ``of`` have the values of a row of ``by``; never, when both tables have ids."""
    rows, others = stored.table(of, "held_out"), stored.table(by, side)
    if rows.has_ids and others.has_ids:
        return np.zeros(len(rows), dtype=bool)
    rows, others = rows.features, others.features
    names = [name for name in rows.columns if name in others.columns]
    return np.isin(content_keys(rows, names), content_keys(others, names))


def _identities(stored: StoredRows, one: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Give the held-out rows of two versions names that are equal for equal rows."""
    keys = stored.held_out(one).keys.astype(str), stored.held_out(other).keys.astype(str)
    if stored.same_rows(one, other) or not frozenset(keys[0]).isdisjoint(keys[1]):
        return keys
    tables = stored.table(one, "held_out"), stored.table(other, "held_out")
    if all(table.has_ids and len(set(table.customer)) == len(table) for table in tables):
        return tables[0].customer.astype(str), tables[1].customer.astype(str)
    if _aligned(stored, one, other):
        return np.arange(len(keys[0])), np.arange(len(keys[1]))
    first, second = (table.features for table in tables)
    names = [name for name in first.columns if name in second.columns]
    return _unique_only(content_keys(first, names), 0), _unique_only(content_keys(second, names), 1)


def _aligned(stored: StoredRows, one: str, other: str) -> bool:
    """Tell whether two searches split the same table in the same order: all values that both have agree row by row."""
    for side in ("held_out", "reference"):
        first, second = stored.table(one, side), stored.table(other, side)
        names = [name for name in first.features.columns if name in second.features.columns]
        if len(first) != len(second) or not names:
            return False
        keys = [content_keys(side.features, names, side.label) for side in (first, second)]
        if not np.array_equal(*keys):
            return False
    return True


def _unique_only(keys: np.ndarray, side: int) -> np.ndarray:
    # Rows that cannot be told apart get names that no other row has.
    names = keys.astype(str).astype(object)
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    for place in np.flatnonzero(counts[inverse] > 1):
        names[place] = f"ambiguous-{side}-{place}"
    return names.astype(str)


def _result(rows: Scored, stored: StoredRows, pair: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    metric = request["metric"]
    facts = {
        "rows": len(rows.labels),
        "churners": int(rows.labels.sum()),
        "dropped": rows.dropped,
        "rowsSha256": hashlib.sha256("\n".join(rows.keys.tolist()).encode()).hexdigest()[:16],
        "comparison": None,
    }
    if 0 < facts["churners"] < facts["rows"]:
        thresholds = [stored.held_out(pair[side]).threshold for side in ("baseline", "candidate")]
        facts["comparison"] = paired.paired_difference(
            rows.labels,
            paired.answers(rows.baseline, thresholds[0], metric),
            paired.answers(rows.candidate, thresholds[1], metric),
            metric,
            pair["draws"],
            request["seed"],
            request["confidence"],
        )
    return facts
