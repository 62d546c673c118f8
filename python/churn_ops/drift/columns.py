"""Which columns can be compared, and what is odd about them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from churn_ops.contract import DriftRules

PREDICTION = "prediction"

# Evidently writes names and values into a script element of its page, where a closing tag would end it.
_HARMLESS = str.maketrans({"<": "\u2039", ">": "\u203a"})


@dataclass(frozen=True)
class ComparedColumn:
    """One column of the comparison.

    Attributes
    ----------
    name : str
        As the table names it; ``prediction`` for the answers, and ``prediction (feature)`` for a feature of that name.
    shown : str
        Its name inside Evidently: unique and without markup.
    kind : {'number', 'category'}
        Chooses the method.
    why_not_comparable : str or None
        Why it cannot be compared.
    """

    name: str
    shown: str
    kind: str
    why_not_comparable: str | None


def strip_markup(value: Any) -> Any:
    """Give a text without the characters that open a tag; other values unchanged."""
    return value.translate(_HARMLESS) if isinstance(value, str) else value


def distinct_names(names: list[str], taken: set[str]) -> list[str]:
    """Give each feature a name that is used once; only one that is taken or doubled gets another than its own.

    Parameters
    ----------
    names : list of str
        Of the features.
    taken : set of str
        Names that the answers use.

    Returns
    -------
    list of str
        In the same order.
    """
    used, others = set(taken), set(names)
    distinct = []
    for name in names:
        candidate = name
        while candidate in used or (candidate != name and candidate in others):
            candidate += " (feature)"
        used.add(candidate)
        distinct.append(candidate)
    return distinct


def why_not_comparable(kind: str, reference: pd.Series, window: pd.Series) -> str | None:
    """Say why a column cannot be compared.

    Parameters
    ----------
    kind : {'number', 'category'}
        The column's kind.
    reference, window : pandas.Series
        Its values on both sides.

    Returns
    -------
    str or None
        None when it can be.
    """
    for side, values in (("the reference", reference), ("the window", window)):
        if values.dropna().empty:
            return f"it has no values in {side}"
    if kind == "number" and reference.nunique() == 1:
        return "it is constant in the reference, so a distance has no unit"
    return None


def data_warnings(column: ComparedColumn, reference: pd.Series, window: pd.Series) -> list[str]:
    """Tell what a drift score does not show: blanks and values that the reference never had.

    Parameters
    ----------
    column : ComparedColumn
        The column.
    reference, window : pandas.Series
        Its values on both sides.

    Returns
    -------
    list of str
        Sentences.
    """
    if column.why_not_comparable is not None:
        return [f"{column.name}: cannot judge, {column.why_not_comparable}."]
    told = []
    before, now = reference.isna().mean(), window.isna().mean()
    if now - before > DriftRules.TOLD_BLANK_SHARE:
        told.append(f"{column.name}: {now:.0%} of the window is blank, {before:.0%} of the reference.")
    if column.kind == "category":
        new = window.dropna()[~window.dropna().isin(reference.dropna().unique())]
        if not new.empty:
            values = ", ".join(
                repr(value)[:60] for value in sorted(map(str, new.unique()))[: DriftRules.TOLD_NEW_VALUES]
            )
            told.append(f"{column.name}: {len(new)} rows have values that the reference never had ({values}).")
    return told
