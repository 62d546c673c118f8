"""The same table as CSV, Parquet and SQLite is the same data, whatever its values are."""

import csv
import datetime
import hashlib
import sqlite3
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn_ops.table.export.export import export
from churn_ops.table.read_table import read_table

ROWS = 200
LABELS = [("True", "False"), ("False", "True"), ("0", "1"), ("1", "0"), ("No", "Yes"), ("yes", "no"), ("TRUE", "FALSE")]
AWKWARD = [
    *("007", "1e5", "0x10", "1_000", "٣", "nan", "NA", "None", "null", "inf", "-", "", "True", "0", "1.0", "1.50"),
    *('a"b', "a,b", "a\nb", "a\rb", "a\r\nb", " x ", "\u00a0x", "\u2028", "=1+1", "'", "é", "\N{GRINNING FACE}", "\\N"),
]
KINDS = ["int", "big", "float", "narrow", "whole", "decimal", "flag", "word", "code", "day", "moment", "bytes"]


class Drawn:
    """One random table in the types of a warehouse, and in the plain types that SQLite has."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)
        positive, negative = LABELS[seed % len(LABELS)]
        self.true = positive if positive.lower() in ("true", "1", "yes") else negative
        self.false = negative if self.true == positive else positive
        features = [{"name": kind, "kind": self.kind_of(kind), "values": []} for kind in KINDS]
        features[KINDS.index("flag")]["values"] = ["no", "yes"]
        target = {"column": "gone", "positive": positive, "negative": negative}
        self.schema = {"id": "who", "target": target, "features": features}
        self.arrow, self.plain = {}, {}
        for kind in ("who", *KINDS, "gone"):
            self.arrow[kind], self.plain[kind] = getattr(self, f"draw_{kind}")()

    @staticmethod
    def kind_of(kind: str) -> str:
        return "number" if kind in ("int", "big", "float", "narrow", "whole", "decimal") else "category"

    def some(self, values: list) -> list:
        return [None if self.random.random() < 0.1 else value for value in values]

    def whole_numbers(self, low: int, high: int) -> list:
        return self.some(self.random.integers(low, high, ROWS).tolist())

    def draw_who(self):
        return pa.array(range(ROWS), pa.int32()), list(range(ROWS))

    def draw_int(self):
        values = self.whole_numbers(-100, 100)
        return pa.array(values, pa.int16()), values

    def draw_big(self):
        values = self.whole_numbers(-(2**62), 2**62)
        return pa.array(values, pa.int64()), values

    def draw_float(self):
        drawn = self.random.normal(size=ROWS) * 10.0 ** self.random.integers(-300, 38, ROWS)
        drawn[:6] = (-0.0, 0.0, 1e20, 5e-324, 3.4e38, np.nan)
        values = self.some(drawn.tolist())
        return pa.array(values, pa.float64()), values

    def draw_narrow(self):
        values = self.some([float(str(value)) for value in self.random.normal(size=ROWS).astype(np.float32)])
        return pa.array(values, pa.float32()), values

    def draw_whole(self):
        values = self.whole_numbers(-5, 5)
        return pa.array(values, pa.float64()), [None if value is None else float(value) for value in values]

    def draw_decimal(self):
        cents = self.whole_numbers(-10_000, 10_000)
        values = [None if value is None else Decimal(value) / 100 for value in cents]
        texts = [None if value is None else f"{value.normalize():f}" for value in values]
        return pa.array(values, pa.decimal128(12, 2)), ["0" if text == "-0" else text for text in texts]

    def draw_flag(self):
        values = self.some((self.random.random(ROWS) < 0.5).tolist())
        return pa.array(values, pa.bool_()), [None if value is None else ("no", "yes")[value] for value in values]

    def draw_word(self):
        values = self.some(self.random.choice(AWKWARD, ROWS).tolist())
        return pa.array(values, pa.large_string()), values

    def draw_code(self):
        values = self.some(self.random.choice(AWKWARD, ROWS).tolist())
        return pa.array(values).dictionary_encode(), values

    def draw_day(self):
        values = self.some([datetime.date(2020, 1, 1) + datetime.timedelta(int(day)) for day in range(ROWS)])
        return pa.array(values, pa.date32()), [None if value is None else value.isoformat() for value in values]

    def draw_moment(self):
        start = datetime.datetime(2020, 2, 28, tzinfo=datetime.UTC)
        values = self.some([start + datetime.timedelta(hours=12 * at) for at in range(ROWS)])
        texts = [None if value is None else value.isoformat() for value in values]
        return pa.array(values, pa.timestamp("ns", "UTC")), texts

    def draw_bytes(self):
        values = self.some(self.random.choice(AWKWARD, ROWS).tolist())
        return pa.array([None if value is None else value.encode() for value in values], pa.binary()), values

    def draw_gone(self):
        values = (self.random.random(ROWS) < 0.3).tolist()
        return pa.array(values, pa.bool_()), [self.true if value else self.false for value in values]


def exported(source: dict, folder: Path, schema: dict) -> Path:
    result = export({"source": source, "schema": schema, "folder": str(folder)}, lambda *_: None)
    return Path(result["path"])


@pytest.mark.parametrize("seed", range(14))
def test_the_same_table_has_the_same_hash_in_every_form(tmp_path, seed):
    drawn = Drawn(seed)
    schema, names = drawn.schema, list(drawn.plain)
    pq.write_table(pa.table(drawn.arrow), tmp_path / "t.parquet", row_group_size=37)
    database = sqlite3.connect(tmp_path / "t.db")
    columns = ", ".join(f'"{name}"' for name in names)
    # No declared types, so that SQLite converts nothing.
    database.execute(f"CREATE TABLE t ({columns})")
    rows = list(zip(*drawn.plain.values(), strict=True))
    database.executemany(f"INSERT INTO t VALUES ({', '.join('?' for _ in names)})", rows)
    database.commit()
    database.close()

    from_parquet = exported({"kind": "parquet", "path": str(tmp_path / "t.parquet")}, tmp_path / "a", schema)
    query = {"kind": "sql", "url": f"sqlite:///{tmp_path / 't.db'}", "query": f"SELECT {columns} FROM t"}
    from_database = exported(query, tmp_path / "b", schema)
    with (tmp_path / "canonical.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(names)
        writer.writerows([canonical(value) for value in row] for row in rows)
    assert from_parquet.read_bytes() == from_database.read_bytes() == (tmp_path / "canonical.csv").read_bytes()

    # As pandas writes the same table: other bytes, the same customers.
    frame = pd.DataFrame(dict(zip(names, drawn.plain.values(), strict=True)), dtype=object)
    frame.to_csv(tmp_path / "pandas.csv", index=False, quoting=csv.QUOTE_ALL)
    one, other = (read(path, schema) for path in (from_parquet, tmp_path / "pandas.csv"))
    assert one.labels.tolist() == other.labels.tolist()
    assert 0 < one.labels.sum() < ROWS
    pd.testing.assert_frame_equal(one.features, other.features)


def canonical(value):
    if not isinstance(value, float):
        return value
    if np.isnan(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def read(path: Path, schema: dict):
    return read_table(str(path), hashlib.sha256(path.read_bytes()).hexdigest(), ROWS, [], schema)
