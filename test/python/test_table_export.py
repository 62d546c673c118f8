"""Parquet files, SQLite and PostgreSQL databases as one canonical CSV."""

import csv
import datetime
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import postgres
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.table.export.cells import boolean_words, texts
from churn_ops.table.export.export import export

SCHEMA = {
    "id": "customer",
    "target": {"column": "gone", "positive": "yes", "negative": "no"},
    "features": [
        {"name": "fee", "kind": "number"},
        {"name": "senior", "kind": "number"},
        {"name": "paper", "kind": "category", "values": ["True", "False"]},
        {"name": "plan", "kind": "category", "values": ["A", "B"]},
        {"name": "note", "kind": "category", "values": []},
    ],
}
#: The table of the tests, in the types that a warehouse gives.
ROWS = {
    "customer": [1, 2, 3],
    "fee": [29.85, 100.0, None],
    "senior": [True, False, None],
    "paper": [False, True, None],
    "plan": ["A", "B", None],
    "note": ['said "no", twice', "line\rbreak", "é"],
    "gone": [True, False, False],
}
EXPECTED = (
    "customer,fee,senior,paper,plan,note,gone\r\n"
    '1,29.85,1,False,A,"said ""no"", twice",yes\r\n'
    '2,100,0,True,B,"line\rbreak",no\r\n'
    "3,,,,,é,no\r\n"
)


def run(source: dict, folder: Path, schema: dict = SCHEMA) -> tuple[dict, str]:
    payload = {"source": source, "schema": schema, "folder": str(folder / "tables")}
    result = export(payload, lambda *_: None)
    return result, Path(result["path"]).read_bytes().decode()


def parquet(path: Path, columns: dict | pa.Table, **options) -> dict:
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path, **options)
    return {"kind": "parquet", "path": str(path)}


def refused(source: dict, folder: Path) -> ChurnOpsError:
    with pytest.raises(ChurnOpsError) as caught:
        run(source, folder)
    tables = folder / "tables"
    assert not tables.exists() or list(tables.iterdir()) == []
    return caught.value


def test_a_parquet_file_becomes_the_canonical_text_of_its_rows(tmp_path):
    result, text = run(parquet(tmp_path / "t.parquet", ROWS), tmp_path)
    assert text == EXPECTED
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    assert result == {
        "path": str(tmp_path / "tables" / f"{sha256[:16]}.{os.getpid()}.csv"),
        "rows": 3,
        "source": str(tmp_path / "t.parquet"),
    }
    assert (tmp_path / "tables").stat().st_mode & 0o077 == 0


def test_row_groups_compression_and_the_index_of_pandas_change_nothing(tmp_path):
    _, one = run(parquet(tmp_path / "one.parquet", ROWS), tmp_path)
    _, many = run(parquet(tmp_path / "many.parquet", ROWS, row_group_size=1, compression="zstd"), tmp_path)
    pd.DataFrame(ROWS, index=[7, 8, 9]).to_parquet(tmp_path / "pandas.parquet")
    _, indexed = run({"kind": "parquet", "path": str(tmp_path / "pandas.parquet")}, tmp_path)
    assert one == many == indexed


def test_the_csv_module_reads_back_what_was_written(tmp_path):
    random = np.random.default_rng(3)
    letters = ["a", '"', ",", "\n", "\r", "\r\n", " ", "é", "\u2028", ""]
    words = ["".join(random.choice(letters, size=random.integers(0, 6))) for _ in range(400)]
    numbers = random.normal(size=400) * 10.0 ** random.integers(-12, 25, size=400)
    source = parquet(tmp_path / "t.parquet", {"word": words, "number": numbers})
    _, text = run(source, tmp_path)
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["word", "number"]
    assert [row[0] for row in rows] == words
    np.testing.assert_array_equal([float(row[1]) for row in rows], numbers)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, 1),
        (-0.0, 0),
        (Decimal("-0.00"), "0"),
        (Decimal("0E+3"), "0"),
        (0.1, 0.1),
        (2.0**60, 2.0**60),
        (float("nan"), None),
        (Decimal("29.50"), "29.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("NaN"), None),
        (datetime.date(2024, 2, 29), "2024-02-29"),
        (datetime.datetime(2024, 2, 29), "2024-02-29"),
        (datetime.datetime(2024, 2, 29, 13, 5), "2024-02-29T13:05:00"),
        (pd.Timestamp("2024-02-29"), "2024-02-29"),
        (pd.NaT, None),
        (b"A", "A"),
        (True, "yes"),
        (7, 7),
        (None, None),
    ],
)
def test_a_value_has_one_text(value, text):
    assert list(texts([value], "column", ("no", "yes"))) == [text]


def test_booleans_take_the_words_of_their_column():
    words = boolean_words(SCHEMA)
    assert [words[name] for name in ("fee", "paper", "plan", "gone")] == [
        ("0", "1"),
        ("False", "True"),
        ("False", "True"),
        ("no", "yes"),
    ]


@pytest.mark.parametrize(
    ("positive", "negative", "true"),
    [
        *(("True", "False", "True"), ("False", "True", "True"), ("false", "true", "true"), ("FALSE", "TRUE", "TRUE")),
        *(
            ("0", "1", "1"),
            ("1", "0", "1"),
            ("no", "yes", "yes"),
            ("No", "Yes", "Yes"),
            ("N", "Y", "Y"),
            ("on", "off", "on"),
        ),
    ],
)
def test_a_boolean_target_means_what_its_labels_say_whichever_is_positive(tmp_path, positive, negative, true):
    schema = {**SCHEMA, "target": {"column": "gone", "positive": positive, "negative": negative}}
    _, text = run(parquet(tmp_path / "t.parquet", {"gone ": [True, False, None]}), tmp_path, schema)
    false = negative if positive == true else positive
    assert text == f'gone \r\n{true}\r\n{false}\r\n""\r\n'


def test_a_boolean_target_whose_labels_do_not_say_what_is_true_is_named(tmp_path):
    source = parquet(tmp_path / "t.parquet", {"gone": [True, False]})
    for labels in (("left", "stayed"), ("Yes", "False"), ("YES", "no"), ("1", "2")):
        schema = {**SCHEMA, "target": {"column": "gone", "positive": labels[0], "negative": labels[1]}}
        with pytest.raises(ChurnOpsError, match="The column gone holds booleans") as caught:
            run(source, tmp_path, schema)
        assert caught.value.code == "DATA_HEADER"


def test_an_index_of_pandas_is_a_column_when_the_schema_names_it(tmp_path):
    pd.DataFrame({"fee": [1.5]}, index=[7]).to_parquet(tmp_path / "t.parquet")
    source = {"kind": "parquet", "path": str(tmp_path / "t.parquet")}
    schema = {**SCHEMA, "features": [*SCHEMA["features"], {"name": "__index_level_0__", "kind": "number"}]}
    assert run(source, tmp_path)[1] == "fee\r\n1.5\r\n"
    assert run(source, tmp_path, schema)[1] == "fee,__index_level_0__\r\n1.5,7\r\n"


def test_narrow_floats_keep_their_short_text(tmp_path):
    table = pa.table({"fee": pa.array([29.85, None], pa.float32()), "kind": pa.array(["x", "y"]).dictionary_encode()})
    _, text = run(parquet(tmp_path / "t.parquet", table), tmp_path)
    assert text == "fee,kind\r\n29.85,x\r\n,y\r\n"


def test_a_file_that_is_no_parquet_file_or_is_cut_is_told(tmp_path):
    text = tmp_path / "text.parquet"
    text.write_text("customer,fee\n1,2\n")
    whole = tmp_path / "whole.parquet"
    source = parquet(whole, {"fee": np.random.default_rng(1).normal(size=5_000)}, write_page_checksum=True)
    damaged = bytearray(whole.read_bytes())
    damaged[200:2_000] = bytes(1_800)
    (tmp_path / "damaged.parquet").write_bytes(damaged)
    (tmp_path / "cut.parquet").write_bytes(whole.read_bytes()[:-100])
    for name in ("text", "damaged", "cut", "none"):
        error = refused({**source, "path": str(tmp_path / f"{name}.parquet")}, tmp_path)
        assert (error.code, f"{name}.parquet" in error.message) == ("DATA_UNREADABLE", True)
    assert refused({**source, "path": str(tmp_path)}, tmp_path).code == "DATA_UNREADABLE"


def test_nested_columns_and_bytes_that_are_no_text_are_named(tmp_path):
    nested = refused(parquet(tmp_path / "n.parquet", {"customer": [1], "plans": [["A", "B"]]}), tmp_path)
    assert (nested.code, "plans" in nested.message) == ("DATA_HEADER", True)
    binary = refused(parquet(tmp_path / "b.parquet", {"note": [b"\xff\xfe"]}), tmp_path)
    assert (binary.code, "note" in binary.message) == ("DATA_ENCODING", True)


def test_no_rows_is_an_error(tmp_path):
    empty = parquet(tmp_path / "t.parquet", pa.table(ROWS).slice(0, 0))
    assert refused(empty, tmp_path).code == "DATA_EMPTY"


def test_files_of_processes_that_are_gone_are_removed(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    tables = tmp_path / "tables"
    tables.mkdir()
    left = [tables / f"0123456789abcdef.{ended.pid}.csv", tables / f"{ended.pid}.partial"]
    stays = [tables / "0123456789012345.csv", tables / f"0123456789abcdef.{os.getppid()}.csv"]
    for path in (*left, *stays):
        path.write_text("")
    run(parquet(tmp_path / "t.parquet", ROWS), tmp_path)
    assert [path.exists() for path in (*left, *stays)] == [False, False, True, True]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "customers.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (customer INTEGER, fee REAL, senior INTEGER, plan TEXT)")
    connection.executemany(
        "INSERT INTO t VALUES (?, ?, ?, ?)", [(1, 29.85, 1, "A"), (2, 100.0, 0, "50% :b"), (3, None, None, None)]
    )
    connection.commit()
    connection.close()
    return path


def sqlite(path: Path, query: str) -> dict:
    return {"kind": "sql", "url": f"sqlite:///{path}", "query": query}


def test_a_query_gives_the_bytes_that_a_parquet_file_with_its_rows_gives(tmp_path, database):
    result, text = run(sqlite(database, "SELECT * FROM t ORDER BY customer"), tmp_path)
    columns = {"customer": [1, 2, 3], "fee": [29.85, 100, None], "senior": [1, 0, None], "plan": ["A", "50% :b", None]}
    _, other = run(parquet(tmp_path / "t.parquet", columns), tmp_path)
    assert text == other
    assert result["source"].startswith(f"sqlite:///{database}#query=")


def test_a_query_is_taken_as_it_is_written(tmp_path, database):
    _, text = run(sqlite(database, "SELECT customer, ':x' AS a FROM t WHERE plan LIKE '50% :b'"), tmp_path)
    assert text == "customer,a\r\n2,:x\r\n"


def test_a_query_cannot_write(tmp_path, database):
    before = database.read_bytes()
    for statement in (
        "WITH a AS (SELECT 1) DELETE FROM t",
        "DELETE FROM t RETURNING customer",
        "SELECT 1; DELETE FROM t",
    ):
        assert refused(sqlite(database, statement), tmp_path).code == "DATA_UNREADABLE"
    assert database.read_bytes() == before


def test_queries_that_fail_and_files_that_are_no_database_are_told(tmp_path, database):
    for query in ("SELECT nothing FROM t", "SELECT * FROM nobody", "SELECT FROM"):
        error = refused(sqlite(database, query), tmp_path)
        assert (error.code, str(database) in error.message) == ("DATA_UNREADABLE", True)
    (tmp_path / "text.db").write_text("no database at all, but text\n" * 99)
    for path in (tmp_path / "text.db", tmp_path / "none.db", tmp_path):
        assert refused(sqlite(path, "SELECT * FROM t"), tmp_path).code == "DATA_UNREADABLE"
    assert not (tmp_path / "none.db").exists()
    assert refused(sqlite(database, "SELECT * FROM t WHERE 0"), tmp_path).code == "DATA_EMPTY"


def test_a_missing_driver_is_named(tmp_path):
    for url in ("mysql+pymysql://host/db", "cobol://host/db"):
        error = refused({"kind": "sql", "url": url, "query": "SELECT 1"}, tmp_path)
        assert (error.code, url.split(":")[0] in error.message) == ("PYTHON_PACKAGES", True)


def test_a_server_that_is_not_there_is_told_without_user_and_password(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_DATABASE_USER", "carol")
    monkeypatch.setenv("CHURN_OPS_DATABASE_PASSWORD", "s3same")
    error = refused({"kind": "sql", "url": "postgresql://127.0.0.1:1/crm", "query": "SELECT 1"}, tmp_path)
    assert error.code == "DATABASE_UNREACHABLE"
    assert "carol" not in str(vars(error)) and "s3same" not in str(vars(error))


@pytest.fixture(scope="module")
def postgresql():
    """URL of a real server with the table of the tests, for user carol with a password."""
    with postgres.cluster() as cluster:
        with psycopg.connect(cluster.uri(), autocommit=True) as connection:
            connection.execute("CREATE ROLE carol SUPERUSER LOGIN PASSWORD 's3same'")
        yield f"postgresql://carol@/postgres?host={cluster.folder}&port={cluster.port}"


@pytest.fixture
def crm(postgresql, monkeypatch):
    with psycopg.connect(postgresql, password="s3same") as connection:
        connection.execute("DROP TABLE IF EXISTS t")
        columns = (
            "customer integer, fee numeric(8,2), senior boolean, paper boolean, plan text, note text, gone boolean"
        )
        connection.execute(f"CREATE TABLE t ({columns})")
        rows = list(zip(*ROWS.values(), strict=True))
        connection.cursor().executemany("INSERT INTO t VALUES (%s, %s, %s, %s, %s, %s, %s)", rows)
    monkeypatch.setenv("CHURN_OPS_DATABASE_PASSWORD", "s3same")
    return postgresql


def test_postgresql_gives_the_same_bytes(tmp_path, crm):
    result, text = run({"kind": "sql", "url": crm, "query": "SELECT * FROM t ORDER BY customer"}, tmp_path)
    assert text == EXPECTED
    assert result["source"].startswith("postgresql:///postgres#query=")


def test_postgresql_takes_the_user_from_the_environment(tmp_path, crm, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_DATABASE_USER", "carol")
    result, _ = run({"kind": "sql", "url": crm.replace("carol@", ""), "query": "SELECT * FROM t"}, tmp_path)
    assert result["rows"] == 3


def test_postgresql_refuses_to_write_and_to_let_in_a_wrong_password(tmp_path, crm, monkeypatch):
    source = {"kind": "sql", "url": crm, "query": "WITH gone AS (DELETE FROM t RETURNING *) SELECT * FROM gone"}
    assert refused(source, tmp_path).code == "DATA_UNREADABLE"
    assert run({**source, "query": "SELECT * FROM t"}, tmp_path)[0]["rows"] == 3
    monkeypatch.setenv("CHURN_OPS_DATABASE_PASSWORD", "wr0ng")
    error = refused({**source, "query": "SELECT * FROM t"}, tmp_path / "other")
    assert error.code == "DATABASE_UNREACHABLE"
    assert "password authentication failed" in error.message
    assert not {"carol", "wr0ng", "s3same"} & set(str(vars(error)).replace('"', " ").split())


def test_memory_stays_flat_while_a_large_file_streams(tmp_path):
    rows = 300_000
    random = np.random.default_rng(5)
    columns = {f"n{at}": random.normal(size=rows) for at in range(10)} | {"word": np.array(["category"] * rows)}
    source = parquet(tmp_path / "large.parquet", columns, row_group_size=50_000)
    program = (
        "import json, resource, sys; from churn_ops.table.export.export import export\n"
        "import churn_ops.table.export.parquet\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "export(json.loads(sys.argv[1]), lambda *_: None)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    payload = json.dumps({"source": source, "schema": SCHEMA, "folder": str(tmp_path / "tables")})
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "python")}
    grown = subprocess.run([sys.executable, "-c", program, payload], capture_output=True, check=True, env=variables)
    # The rows are 58 MB as text; the batch in memory is 20,000 of them.
    assert int(grown.stdout) * 1024 * (1 if sys.platform != "darwin" else 1 / 1024) < 50_000_000
