"""The Parquet files of rows, column by column; names of ours and names of the table never meet in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

# Every column of a file carries one of the two, so that no name of a table can be one of ours.
OURS = "churnops:"
FEATURE = "feature:"
#: What is known of each row beside its features.
INTERNAL = ("row_key", "customer", "group", "label", "date")
#: Of files from before that: names of ours stood between those of the table, the first of them in front.
_BARE_KEY = "row_key"


@dataclass(frozen=True)
class RowCustomers:
    """Which customer each row belongs to; attributes as in `Rows`."""

    row_key: np.ndarray
    customer: np.ndarray
    group: np.ndarray

    def __len__(self) -> int:
        return len(self.row_key)

    @property
    def has_ids(self) -> bool:
        """Whether the rows name their customers."""
        return name_customers(self.customer, self.row_key)


def name_customers(customer: np.ndarray, row_key: np.ndarray) -> bool:
    """Tell whether rows name their customers; without an id column the customer is the row itself."""
    return not np.array_equal(customer, row_key)


def read_customers(path: Path) -> RowCustomers:
    """Read whose rows a file holds, and none of the table's columns.

    Raises
    ------
    ValueError
        When the file does not hold rows.
    """
    # `read_table` imports pandas.
    with pq.ParquetFile(path) as file:
        names = file.schema_arrow.names
        # Chosen by name, one with a dot would be taken for a path; ours have none.
        ours = None if _BARE_KEY in names else [name for name in names if name.startswith(OURS)]
        known = dict(internal(arrays(sorted_out(file.read(ours))[0])))
    return RowCustomers(known["row_key"], known["customer"], known["group"])


def read_file(path: Path) -> tuple[dict[str, pa.ChunkedArray], dict[str, pa.ChunkedArray], int]:
    """Read what is ours, the features, and the number of rows; texts of the table come as one object a value."""
    stored = pq.read_schema(path)
    texts = [field.name for field in stored if pa.types.is_string(field.type) and not field.name.startswith(OURS)]
    file = pq.read_table(path, read_dictionary=texts)
    return (*sorted_out(file), file.num_rows)


def sorted_out(file: pa.Table) -> tuple[dict[str, pa.ChunkedArray], dict[str, pa.ChunkedArray]]:
    """Give what is ours and what is the table's, by their own names."""
    names = file.column_names
    if _BARE_KEY in names:
        # None of them had dates of ours; a column of that name is the table's.
        ours = {name: file[name] for name in INTERNAL if name in names and name != "date"}
        return ours, {name: file[name] for name in names if name not in ours}
    ours = {name[len(OURS) :]: file[name] for name in names if name.startswith(OURS)}
    return ours, {name[len(FEATURE) :]: file[name] for name in names if name.startswith(FEATURE)}


def internal(ours: dict[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray]]:
    """Give what is known of each row, also where an earlier release stored less.

    Raises
    ------
    ValueError
        When these are no rows of a training.
    """
    if _BARE_KEY not in ours or "label" not in ours:
        raise ValueError("it does not contain the rows of a training")
    for name in INTERNAL:
        if name == "date":
            if name in ours:
                yield name, ours[name]
            continue
        # An earlier file may hold no groups, then its ids make the customers; and no ids, then each row is one.
        values = ours.get(name, ours.get("customer", ours[_BARE_KEY]))
        yield name, _first_rows(values) if name == "group" and values.dtype == object else values


def arrays(columns: dict[str, pa.ChunkedArray]) -> dict[str, np.ndarray]:
    """Give columns as arrays; texts are str with None."""
    return {name: array(values) for name, values in columns.items()}


def array(values: pa.ChunkedArray) -> np.ndarray:
    """Give a column as an array; texts are str with None."""
    # Arrow's own conversion imports pandas, so what is ours goes other ways.
    if pa.types.is_string(values.type):
        return np.array(values.to_pylist(), dtype=object)
    if (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)) and values.null_count == 0:
        return np.array(np.from_dlpack(values.combine_chunks()))
    if pa.types.is_float64(values.type):
        return np.array(values.to_pylist(), dtype=np.float64)
    if not pa.types.is_dictionary(values.type):
        return values.to_numpy()
    once = values.unify_dictionaries().combine_chunks()
    texts = np.array([*once.dictionary.to_pylist(), None], dtype=object)
    return texts[once.indices.fill_null(-1).to_numpy(zero_copy_only=False)]


def _first_rows(keys: np.ndarray) -> np.ndarray:
    # Not at the top: files of this release have groups, and whoever reads those does not wait for pandas.
    from churn_ops.table.customers import first_rows

    return first_rows(keys)
