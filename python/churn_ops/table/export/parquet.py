"""Read a Parquet file in batches of rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from churn_ops.errors import ChurnOpsError
from churn_ops.table.export.cells import nested_column

_BATCH_ROWS = 20_000
# What pandas stores of a frame's index; no column of the table, unless the schema says so.
_PANDAS_INDEX = re.compile(r"__index_level_\d+__")

Columns = list[Any]


def read_parquet(path: str, named: Set[str | None] = frozenset()) -> tuple[list[str], int, Iterator[Columns]]:
    """Open a Parquet file.

    Parameters
    ----------
    path : str
        The file.
    named : set of str
        Columns of the schema.

    Returns
    -------
    names : list of str
        Columns in file order.
    rows : int
        As the file's footer says.
    batches : iterator of list
        Values by column; memory holds one batch.

    Raises
    ------
    ChurnOpsError
        ``DATA_UNREADABLE`` or ``DATA_HEADER``; also while iterating.
    """
    _check_path(path)
    try:
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=1_048_576, page_checksum_verification=True)
    except PermissionError as error:
        raise _unreadable(path, "cannot be read: permission denied") from error
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, "is not a Parquet file, or is damaged") from error
    fields = [field for field in file.schema_arrow if field.name in named or not _PANDAS_INDEX.fullmatch(field.name)]
    kept = [field.name for field in fields]
    for field in fields:
        if pa.types.is_nested(field.type):
            raise nested_column(field.name, str(field.type))
    return kept, file.metadata.num_rows, _batches(file, path, set(kept))


def _batches(file: pq.ParquetFile, path: str, kept: Set[str]) -> Iterator[Columns]:
    try:
        with file:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                yield [_values(batch.column(at)) for at, name in enumerate(batch.schema.names) if name in kept]
    except (pa.ArrowException, OSError) as error:
        raise _unreadable(path, f"is damaged: {str(error).splitlines()[0][:200]}") from error


def _values(column: pa.Array) -> list[Any]:
    if pa.types.is_float32(column.type) or pa.types.is_float16(column.type):
        # The shortest text of the narrow number, 29.85, and not of its widened form, 29.850000381469727.
        return [float(str(value)) for value in column.to_numpy(zero_copy_only=False)]
    return column.to_pylist()


def _check_path(path: str) -> None:
    if not Path(path).exists():
        raise _unreadable(path, "does not exist")
    if not Path(path).is_file():
        raise _unreadable(path, "is not a regular file")


def _unreadable(path: str, why: str) -> ChurnOpsError:
    return ChurnOpsError(
        "DATA_UNREADABLE", f"{path} {why}. No row was used.", "Give a Parquet file that you can read.", {"path": path}
    )
