"""Findings as sentences about versions, runs and paths."""

from __future__ import annotations

from churn_ops.contract import ErrorCode, Finding


def verdict(invariant: str, problems: dict[str, str], well: str, code: ErrorCode) -> list[Finding]:
    """Tell of the problems of an invariant, by subject, or that all is well."""
    if not problems:
        return [{"invariant": invariant, "ok": True, "message": well, "subjects": [], "code": None}]
    texts = list(dict.fromkeys(problems.values()))
    more = f"; and {len(texts) - 3} more" if len(texts) > 3 else ""
    message = "; ".join(texts[:3]) + more
    return [{"invariant": invariant, "ok": False, "message": message, "subjects": list(problems), "code": code}]


def note(invariant: str, message: str, subjects: list[str]) -> Finding:
    """Tell of something worth knowing that breaks nothing."""
    return {"invariant": invariant, "ok": True, "message": message, "subjects": subjects, "code": None}
