"""The one text of a value, wherever it came from."""

from __future__ import annotations

import datetime
import enum
import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from churn_ops.contract import TableSchema
from churn_ops.errors import ChurnOpsError

#: Words for false and true in small letters, in the order in which a column's own values are looked at.
_PAIRS = (("no", "yes"), ("false", "true"), ("0", "1"), ("n", "y"), ("f", "t"), ("off", "on"))
#: As a CSV file of pandas says it.
PLAIN_WORDS = ("False", "True")
#: The csv module writes these as they are, None as an empty field.
_PLAIN = frozenset((str, int, type(None)))
_MAX_SAFE_INTEGER = 2**53 - 1

Words = tuple[str, str]


def boolean_words(schema: TableSchema) -> dict[str, Words | None]:
    """Words for false and true by column: 0 and 1 in numbers, in the target and in categories the pair that they know.

    Parameters
    ----------
    schema : dict
        The table's schema.

    Returns
    -------
    dict of str to tuple of str or None
        For every column of the schema but the id; ``False`` and ``True`` where a category knows no pair of words, None
        where the labels are no such pair: which of them is true is nobody's to guess.
    """
    target = schema["target"]
    words: dict[str, Words | None] = {target["column"]: _pair((target["negative"], target["positive"]))}
    for column in schema["features"]:
        known = ("0", "1") if column["kind"] == "number" else column.get("values") or ()
        words[column["name"]] = _pair(known) or PLAIN_WORDS
    return words


def _pair(known: Sequence[str]) -> Words | None:
    for pair in _PAIRS:
        for write in (str.capitalize, str.lower, str.upper):
            false, true = map(write, pair)
            if false in known and true in known:
                return false, true
    return None


def texts(values: Sequence[Any], name: str, words: Words | None) -> Sequence[Any]:
    """Give values as the csv module must write them: the same value is always the same text.

    Integers plain, other numbers by repr and without ``.0``, None and NaN empty, dates and times in ISO form (a time of
    midnight without a zone as the date alone), booleans in the column's words.

    Parameters
    ----------
    values : sequence
        Of one column.
    name : str
        The column, for the error.
    words : tuple of str or None
        False and true; None where no boolean can be told.

    Returns
    -------
    sequence
        Strings, integers, floats and None.

    Raises
    ------
    ChurnOpsError
        ``DATA_HEADER`` for lists, structs and other values that are no single one, and for booleans without words,
        ``DATA_ENCODING`` for bytes that are
        not UTF-8.
    """
    kinds = set(map(type, values))
    if kinds <= _PLAIN:
        return values
    converters = {kind: _converter(kind, name, words) for kind in kinds}
    return [converters[type(value)](value) for value in values]


def _converter(kind: type, name: str, words: Words | None) -> Callable[[Any], Any]:
    if kind in _PLAIN:
        return lambda value: value
    if issubclass(kind, bool):
        if words is None:
            raise _ambiguous_booleans(name)
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
        f"The column {name} holds {kind} values; a table of customers has one plain value per field. No row was used.",
        "Remove the column, or split it into plain columns.",
        {"column": name, "kind": kind},
    )


def _ambiguous_booleans(name: str) -> ChurnOpsError:
    return ChurnOpsError(
        "DATA_HEADER",
        f"The column {name} holds booleans, but the labels in the schema do not say which of them is true. "
        "No row was used.",
        'Write "True" and "False" as the labels in the schema, or give the column as text.',
        {"column": name},
    )


def _number(value: float) -> int | float | None:
    if math.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) <= _MAX_SAFE_INTEGER else float(value)


def _decimal(value: Decimal) -> str | None:
    if value.is_nan():
        return None
    if value.is_zero():
        # Of a negative zero too, as of floats.
        return "0"
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
            f"The column {name} contains bytes that are not UTF-8 text. No row was used.",
            "Convert the column to text, or remove it.",
            {"column": name},
        ) from error
