"""What MLflow calls the kinds of columns, in signatures of models and records of data."""

from __future__ import annotations

from typing import Literal

Kind = Literal["number", "category"]

_TYPES = {"number": "double", "category": "string"}
#: Of models that others made; ours have the first alone.
_WHOLE_NUMBERS = {"integer", "long"}
_NUMBERS = {_TYPES["number"], "float"} | _WHOLE_NUMBERS


def type_of(kind: Kind) -> str:
    """Name the type of a kind; every number is a double, for MLflow refuses integers where a model wants floats."""
    return _TYPES[kind]


def kind_of(type_name: str) -> Kind | None:
    """Tell the kind of a type; None for one that is neither."""
    return "number" if type_name in _NUMBERS else "category" if type_name == _TYPES["category"] else None


def is_whole(type_name: str) -> bool:
    """Tell whether a type takes whole numbers only."""
    return type_name in _WHOLE_NUMBERS
