"""The one text of a value, wherever it came from."""

from __future__ import annotations

import datetime
import enum
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from churn_ops.errors import ChurnOpsError

#: Words for false and true, in the order in which a column's own values are looked at.
_PAIRS = (("No", "Yes"), ("no", "yes"), ("False", "True"), ("false", "true"), ("0", "1"), ("N", "Y"))
#: The csv module writes these as they are, None as an empty field.
_PLAIN = frozenset((str, int, type(None)))
_MAX_SAFE_INTEGER = 2**53 - 1

Words = tuple[str, str]


def boolean_words(schema: dict[str, Any]) -> dict[str, Words]:
    """Words for false and true by column: 0 and 1 in numbers, the labels in the target, known values in categories.

    Parameters
    ----------
    schema : dict
        The table's schema.

    Returns
    -------
    dict of str to tuple of str
        For every column of the schema but the id; ``No`` and ``Yes`` where a category knows no pair of words.
    """
    target = schema["target"]
    words: dict[str, Words] = {target["column"]: (target["negative"], target["positive"])}
    for column in schema["features"]:
        if column["kind"] == "number":
            words[column["name"]] = ("0", "1")
        else:
            known = set(column.get("values") or ())
            words[column["name"]] = next((pair for pair in _PAIRS if known.issuperset(pair)), _PAIRS[0])
    return words


def texts(values: Sequence[Any], name: str, words: Words) -> Sequence[Any]:
    """Give values as the csv module must write them: the same value is always the same text.

    Integers plain, other numbers by repr and without ``.0``, None and NaN empty, dates and times in ISO form (a time of
    midnight without a zone as the date alone), booleans in the column's words.

    Parameters
    ----------
    values : sequence
        Of one column.
    name : str
        The column, for the error.
    words : tuple of str
        False and true.

    Returns
    -------
    sequence
        Strings, integers, floats and None.

    Raises
    ------
    ChurnOpsError
        ``DATA_HEADER`` for lists, structs and other values that are no single one, ``DATA_ENCODING`` for bytes that are
        not UTF-8.
    """
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return values
    converters = {kind: _converter(kind, name, words) for kind in kinds}
    return [converters[type(value)](value) for value in values]


def _converter(kind: type, name: str, words: Words) -> Callable[[Any], Any]:
    if kind in _PLAIN:
        return lambda value: value
    if issubclass(kind, bool):
        return lambda value: words[value]
    if issubclass(kind, float):
        return _number
    if issubclass(kind, Decimal):
        return _decimal
    if issubclass(kind, datetime.datetime):
        return _moment
    if issubclass(kind, datetime.date | datetime.time):
        return lambda value: value.isoformat()
    if issubclass(kind, bytes | bytearray | memoryview):
        return lambda value: _decoded(bytes(value), name)
    if issubclass(kind, enum.Enum):
        return lambda value: value.value
    if issubclass(kind, list | tuple | dict | set):
        raise nested_column(name, kind.__name__)
    return str


def nested_column(name: str, kind: str) -> ChurnOpsError:
    """Make the error for a column whose values are no single ones."""
    return ChurnOpsError(
        "DATA_HEADER",
        f"The column {name} holds {kind} values; a table of customers has one plain value a field. Nothing was used.",
        "Leave the column out, or unfold it into plain columns.",
        {"column": name, "kind": kind},
    )


def _number(value: float) -> int | float | None:
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) <= _MAX_SAFE_INTEGER else float(value)


def _decimal(value: Decimal) -> str | None:
    if value.is_nan():
        return None
    return format(value.normalize(), "f") if value.is_finite() else str(value)


def _moment(value: datetime.datetime) -> str | None:
    # NaT is the only moment that differs from itself.
    if value != value:
        return None
    text = value.isoformat()
    return text.removesuffix("T00:00:00")


def _decoded(value: bytes, name: str) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise ChurnOpsError(
            "DATA_ENCODING",
            f"The column {name} holds bytes that are not UTF-8 text. Nothing was used.",
            "Convert the column to text, or leave it out.",
            {"column": name},
        ) from error
