"""The table in typed columns, batch by batch, against the plain reading of the whole text."""

import csv
import hashlib
import io

import numpy as np
import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.table import csv_columns
from churn_ops.table.csv_columns import KNOWN_CUSTOMER, read_columns
from churn_ops.table.read_table import read_table

SCHEMA = {
    "id": "who",
    "date": "since",
    "target": {"column": "gone", "positive": "Yes", "negative": "No"},
    "features": [{"name": "fee", "kind": "number"}, {"name": "plan", "kind": "category", "values": []}],
}
RAGGED, WRONG = 2, 5
TEXT = (
    "\ufeffplan , fee,gone,who,since,other\r\n"
    "A,1.5,Yes,c1,2024-01-31,x\r\n"
    "\r\n"
    ' B ,,No,c2,2024-02-01,"two\r\nlines"\n'
    "A,1\n"
    '"A, big", 7e2 , Yes ,c3, 2024-02-02 ,\r'
    f" , \t,,{KNOWN_CUSTOMER}abc,2024-02-03,\n"
    "A,none,No,c4,2024-02-04,\n"
    "C,-0.5,No, c1 ,2024-02-05,z"
)


def plainly(text: str, invalid: set[int]) -> dict[str, list]:
    header, *records = [record for record in csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")) if record]
    names = [name.strip() for name in header]
    rows = [dict(zip(names, record, strict=True)) for at, record in enumerate(records) if at not in invalid]
    key = lambda text: text.removeprefix(KNOWN_CUSTOMER) if text.startswith(KNOWN_CUSTOMER) else sha(text.strip())  # noqa: E731
    return {
        "fee": [float(row["fee"]) if row["fee"].strip() else None for row in rows],
        "plan": [row["plan"].strip() or None for row in rows],
        "gone": [{"Yes": 1, "No": 0, "": -1}[row["gone"].strip()] for row in rows],
        "who": [key(row["who"]) for row in rows],
        "since": [row["since"].strip() for row in rows],
    }


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize("batch", [1, 2, 3, 100])
def test_the_columns_are_those_of_a_plain_reading_whatever_the_batches(batch, monkeypatch):
    monkeypatch.setattr(csv_columns, "_BATCH_ROWS", batch)
    invalid = {RAGGED, WRONG}
    counted, columns = read_columns(TEXT.encode(), invalid, SCHEMA)
    assert counted == 7
    found = {name: values.tolist() for name, values in columns.items()}
    found["fee"] = [None if np.isnan(value) else value for value in found["fee"]]
    assert found == plainly(TEXT, invalid)
    assert (columns["fee"].dtype, columns["plan"].dtype, columns["gone"].dtype) == (np.float64, object, np.int64)


def test_values_that_repeat_are_one_object():
    content = ("plan,fee\n" + "".join(f"Month-to-month,{row}\n" for row in range(50_000))).encode()
    _, columns = read_columns(content, set(), {**SCHEMA, "id": None, "date": None})
    assert len(set(map(id, columns["plan"]))) == 1
    assert "gone" not in columns


def test_no_valid_row_gives_empty_columns():
    counted, columns = read_columns(b"plan,fee,gone\nA,x,No\n", {0}, SCHEMA)
    assert counted == 1
    assert [(name, len(values)) for name, values in columns.items()] == [("gone", 0), ("fee", 0), ("plan", 0)]


@pytest.mark.parametrize(("rows", "sha256"), [(7, "0" * 64), (6, None)])
def test_another_file_than_node_saw_is_refused(tmp_path, rows, sha256):
    path = tmp_path / "t.csv"
    path.write_bytes(TEXT.encode())
    digest = sha256 or hashlib.sha256(TEXT.encode()).hexdigest()
    with pytest.raises(ChurnOpsError) as caught:
        read_table(str(path), digest, rows, [RAGGED, WRONG], SCHEMA)
    assert caught.value.code == "DATA_CHANGED"
