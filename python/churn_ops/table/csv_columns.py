"""Parse a checked CSV file batch by batch, so that the text of all its fields is never in memory at once."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from churn_ops.contract import TableSchema

#: Stands before a customer's key where a table has that instead of an id.
KNOWN_CUSTOMER = "churnops-customer:"

# As many fields as stay in the processor's cache: larger batches take half as long again.
_BATCH_ROWS = 1_000

Parser = Callable[[Sequence[str]], np.ndarray]


def read_columns(content: bytes, invalid: set[int], schema: TableSchema) -> tuple[int, dict[str, np.ndarray]]:
    """Parse the columns of a schema.

    Parameters
    ----------
    content : bytes
        The file that Node validated; the records are those that Node found.
    invalid : set of int
        0-based ordinals of the records to leave out.
    schema : dict
        The table's schema.

    Returns
    -------
    counted : int
        Records in the file, left out or not.
    columns : dict of str to numpy.ndarray
        By name, those that the file has: numbers as float64 with NaN, categories as str with None, the target as 1, 0
        and -1 for none, ids as keys of customers, dates as text.
    """
    records = _records(content)
    header = [name.strip() for name in next(records)]
    parsers = _parsers(schema)
    wanted = {name: (header.index(name), parse) for name, parse in parsers.items() if name in header}
    parts: dict[str, list[np.ndarray]] = {name: [] for name in wanted}
    counted = 0
    while batch := list(itertools.islice(records, _BATCH_ROWS)):
        ordinals = range(counted, counted + len(batch))
        counted += len(batch)
        if not invalid.isdisjoint(ordinals):
            batch = [record for ordinal, record in zip(ordinals, batch, strict=True) if ordinal not in invalid]
        texts = _transposed(batch, len(header))
        for name, (position, parse) in wanted.items():
            parts[name].append(parse(texts[position]))
    return counted, {name: np.concatenate(parts.pop(name) or [parsers[name](())]) for name in wanted}


def _records(content: bytes) -> Iterator[list[str]]:
    csv.field_size_limit(2**31 - 1)
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    return filter(None, csv.reader(text))


def _transposed(records: list[list[str]], width: int) -> list[tuple[str, ...]]:
    if set(map(len, records)) - {width}:
        # A ragged record is one that Node named or will name; filled up, its columns can be cut.
        records = [(record + [""] * width)[:width] for record in records]
    return list(zip(*records, strict=True)) or [()] * width


def _parsers(schema: TableSchema) -> dict[str, Parser]:
    """Give the function from texts to values for every column of a schema."""
    target, identity, date = schema["target"], schema.get("id"), schema.get("date")
    parsers: dict[str, Parser] = {target["column"]: _label_parser(target["positive"])}
    if identity:
        parsers[identity] = _customer_keys
    if date:
        parsers[date] = lambda texts: np.array([text.strip() for text in texts], dtype=object)
    for column in schema["features"]:
        parsers[column["name"]] = _numbers if column["kind"] == "number" else _category_parser()
    return parsers


def _numbers(texts: Sequence[str]) -> np.ndarray:
    try:
        return np.array(list(map(float, texts)), dtype=np.float64)
    except ValueError:
        # Blanks are rare, so only a batch that has one is looked at field by field.
        return np.array([float(text) if text.strip() else np.nan for text in texts], dtype=np.float64)


class _Known(dict[str, Any]):
    """Remembers what texts mean, so that a value that repeats is one object."""

    def __init__(self, meaning: Callable[[str], Any]) -> None:
        super().__init__()
        self._meaning = meaning

    def __missing__(self, text: str) -> Any:
        value = self[text] = self._meaning(text)
        return value


def _category_parser() -> Parser:
    known = _Known(lambda text: text.strip() or None)
    return lambda texts: np.fromiter(map(known.__getitem__, texts), dtype=object, count=len(texts))


def _label_parser(positive: str) -> Parser:
    known = _Known(lambda text: int(text.strip() == positive) if text.strip() else -1)
    return lambda texts: np.fromiter(map(known.__getitem__, texts), dtype=np.int64, count=len(texts))


def _customer_keys(ids: Sequence[str]) -> np.ndarray:
    # A table for retraining holds keys instead of ids; they are the customers' keys already.
    known = KNOWN_CUSTOMER
    return np.array(
        [text[len(known) :] if text.startswith(known) else _key(text) for text in map(str.strip, ids)], dtype=object
    )


def _key(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
