"""The method ``table.export``: rows of a Parquet file or a query as a CSV file."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from churn_ops.contract import ExportedTable, ExportSource, TableExport, TableSchema
from churn_ops.errors import ChurnOpsError
from churn_ops.progress import Progress
from churn_ops.table.export.cells import PLAIN_WORDS, boolean_words, texts


def export(request: TableExport, progress: Progress) -> ExportedTable:
    """Write the rows of a source as a CSV file whose bytes depend on the rows alone.

    Raises
    ------
    ChurnOpsError
        ``DATA_UNREADABLE``, ``DATA_EMPTY``, ``DATA_HEADER``, ``DATA_ENCODING``, ``DATABASE_UNREACHABLE``,
        ``PYTHON_PACKAGES`` or ``URL_INVALID``; no file is left then.
    """
    folder = _folder(Path(request["folder"]))
    partial = folder / f"{os.getpid()}.partial"
    try:
        with _opened(request["source"], request["schema"]) as (name, names, total, batches), partial.open("xb") as file:
            writer = _Writer(file, names, request["schema"])
            for columns in batches:
                writer.write(columns)
                progress("export", writer.rows, total, "rows read" if total else f"{writer.rows:,} rows read")
        if writer.rows == 0:
            raise _empty(name, request["source"]["kind"])
        path = folder / f"{writer.sha256[:16]}.{os.getpid()}.csv"
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return {"path": str(path), "rows": writer.rows, "source": name}


class _Writer:
    """Writes and hashes CSV; line ends are CRLF, for which every Python quotes both characters inside a value."""

    def __init__(self, file: Any, names: list[str], schema: TableSchema) -> None:
        words = boolean_words(schema)
        self._file = file
        # Node leaves out the spaces around a name as well.
        self._columns = [(name, words.get(name.strip(), PLAIN_WORDS)) for name in names]
        self._hash = hashlib.sha256()
        self.rows = 0
        self._put([names])

    def write(self, columns: list[Any]) -> None:
        """Write one batch, given by columns."""
        converted = [texts(values, name, words) for values, (name, words) in zip(columns, self._columns, strict=True)]
        self.rows += len(columns[0]) if columns else 0
        self._put(zip(*converted, strict=True))

    @property
    def sha256(self) -> str:
        """Hash of what was written, hex."""
        return self._hash.hexdigest()

    def _put(self, rows: Iterable[Any]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        try:
            content = text.getvalue().encode()
        except UnicodeEncodeError as error:
            raise ChurnOpsError(
                "DATA_ENCODING",
                f"A value near row {self.rows} is not text that UTF-8 can encode. No row was used.",
                "Fix the value in the source.",
            ) from error
        self._hash.update(content)
        self._file.write(content)


@contextmanager
def _opened(source: ExportSource, schema: TableSchema) -> Iterator[tuple[str, list[str], int, Iterator[list[Any]]]]:
    # Each form imports a library of its own.
    if source["kind"] == "parquet":
        from churn_ops.table.export.parquet import read_parquet

        named = {schema["target"]["column"], *(column["name"] for column in schema["features"])}
        yield (source["path"], *read_parquet(source["path"], {*named, schema.get("id"), schema.get("date")}))
        return
    from churn_ops.table.export.database import query_rows, source_name

    with query_rows(source["url"], source["query"]) as (names, batches):
        yield source_name(source["url"], source["query"]), names, 0, batches


def _folder(folder: Path) -> Path:
    # Rows of customers: for nobody else's eyes.
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    for left in folder.iterdir():
        owner = left.name.removesuffix(".csv").removesuffix(".partial").rpartition(".")[2]
        if owner.isdecimal() and len(owner) < 16 and not _is_running(int(owner)):
            left.unlink(missing_ok=True)
    return folder


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _empty(name: str, kind: str) -> ChurnOpsError:
    what = "The query returns no rows" if kind == "sql" else "The Parquet file has no rows"
    return ChurnOpsError(
        "DATA_EMPTY",
        f"{what} ({name}). No row was used.",
        "Check the query's conditions, or use another table."
        if kind == "sql"
        else "Give a Parquet file with customers.",
        {"source": name},
    )
