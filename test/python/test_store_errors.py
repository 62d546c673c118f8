"""What failing stores say, as errors of our table; all from real failures of the real libraries."""

import http.server
import json
import os
import socket
import sqlite3
import threading

import postgres
import psycopg
import pytest
import sqlalchemy
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException, RestException

from churn_ops import wire
from churn_ops.errors import ChurnOpsError
from churn_ops.store import address as store_address
from churn_ops.store import errors as store_errors
from churn_ops.store import http_retries as retries
from churn_ops.store import postgres_engine
from churn_ops.store.connect import connect


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "mlflow.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (n TEXT)")
        connection.executemany("INSERT INTO t VALUES (?)", [("x" * 900,)] * 50)
    connection.close()
    return path


def failure_of(path, *statements, options="?timeout=0"):
    """Run statements as MLflow does, through SQLAlchemy, and give what it makes of the failure."""
    engine = sqlalchemy.create_engine(f"sqlite:///{path}{options}")
    try:
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sqlalchemy.text(statement))
    except sqlalchemy.exc.SQLAlchemyError as error:
        try:
            raise MlflowException(message=error) from error
        except MlflowException as wrapped:
            return wrapped
    finally:
        engine.dispose()
    raise AssertionError("nothing failed")


def test_a_locked_sqlite_file_is_busy(database):
    holder = sqlite3.connect(database, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    found = store_errors.translate(failure_of(database, "INSERT INTO t VALUES ('y')"), f"sqlite:///{database}")
    holder.close()
    assert (found.code, str(database) in found.message) == ("BUSY", True)


def test_a_full_disk_is_told(database):
    limit = "PRAGMA max_page_count = 15"
    found = store_errors.translate(failure_of(database, limit, "INSERT INTO t SELECT n FROM t"))
    assert found.code == "DISK_FULL"


def test_a_file_that_may_only_be_read_is_told(database):
    error = failure_of(f"file:{database}", "INSERT INTO t VALUES ('y')", options="?mode=ro&uri=true")
    assert store_errors.translate(error).code == "NOT_WRITABLE"


@pytest.mark.parametrize("part", [0, 4096])
def test_a_damaged_file_is_told(part, database):
    content = bytearray(database.read_bytes())
    content[part : part + 2000] = b"\xff" * 2000
    database.write_bytes(content)
    assert store_errors.translate(failure_of(database, "SELECT * FROM t")).code == "STORE_DAMAGED"


@pytest.mark.parametrize("name", ["TEMPORARILY_UNAVAILABLE", "UNAUTHENTICATED", "PERMISSION_DENIED", "INTERNAL_ERROR"])
def test_what_a_server_says_of_itself_is_unreachable(name):
    found = store_errors.translate(RestException({"error_code": name, "message": "cannot go on"}))
    assert (found.code, "cannot go on" in found.message) == ("STORE_UNREACHABLE", True)


@pytest.mark.parametrize(
    "error",
    [
        MlflowException("The model has no such flavor"),
        RestException({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "no such run"}),
        RestException({"error_code": "INVALID_PARAMETER_VALUE", "message": "a name is too long"}),
        ZeroDivisionError(),
        FileNotFoundError("model.skops"),
        ChurnOpsError("NO_VERSIONS", "none", "train"),
    ],
)
def test_an_error_that_says_nothing_of_the_store_is_left_alone(error):
    assert store_errors.translate(error) is None


class _Handler(http.server.BaseHTTPRequestHandler):
    def _answer(self):
        self.server.paths.append(self.path)
        self.server.logins.append(self.headers["Authorization"])
        if self.server.status is None:
            self.server.silence.wait(30)
            return
        body = self.server.body.encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = _answer

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    made = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.status, made.body, made.silence = 200, "", threading.Event()
    made.paths, made.logins = [], []
    made.uri = f"http://me:s3same@127.0.0.1:{made.server_port}"
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.silence.set()
    made.shutdown()
    made.server_close()
    thread.join()


def asked(uri):
    try:
        MlflowClient(uri, uri).search_model_versions("name = 'm'")
    except MlflowException as error:
        return store_errors.translate(error, uri)
    raise AssertionError("nothing failed")


@pytest.mark.parametrize(
    ("status", "body", "shown"),
    [
        (503, "", "status 503"),
        (502, "<html>gateway</html>", "status 502"),
        (401, "<html>who are you?</html>", "status 401: <html>who are you?"),
        (200, "<html>log in</html>", "log in"),
        (500, json.dumps({"error_code": "INTERNAL_ERROR", "message": "it broke"}), "status 500"),
        (None, "", "it did not respond in time"),
    ],
)
def test_a_server_that_fails_is_unreachable_and_asked_once(status, body, shown, server, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "3")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    server.status, server.body = status, body
    with retries.without_retries():
        found = asked(server.uri)
    assert found.code == "STORE_UNREACHABLE"
    assert shown in found.message and len(found.details["reason"]) <= 200
    assert "s3same" not in str(vars(found))
    assert len(server.paths) == 1


@pytest.mark.parametrize(
    ("variables", "header"),
    [
        ({}, "Basic bWU6czNzYW1l"),
        ({"MLFLOW_TRACKING_USERNAME": "you", "MLFLOW_TRACKING_PASSWORD": "t0p"}, "Basic eW91OnQwcA=="),
        ({"MLFLOW_TRACKING_TOKEN": "t0ken"}, "Bearer t0ken"),
    ],
)
def test_the_first_question_logs_in_as_the_client_of_mlflow_does(variables, header, server, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    store_address.check_reachable(server.uri.replace("me:s3same@", "") if variables else server.uri, must_exist=True)
    assert server.logins == [header]


def test_a_port_where_nobody_listens_is_unreachable(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = asked(f"http://127.0.0.1:{port}")
    assert (found.code, "connection refused" in found.message) == ("STORE_UNREACHABLE", True)


def test_large_files_get_more_time_than_questions(monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "8")
    with retries.long_transfers():
        assert int(os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"]) > 30
    assert os.environ["MLFLOW_HTTP_REQUEST_TIMEOUT"] == "8"


def test_the_wire_translates_what_a_method_lets_through(database, monkeypatch):
    monkeypatch.setitem(wire.METHODS, "break", f"{__name__}:break_store")
    payload = {"store": {"trackingUri": f"sqlite:///{database}"}}
    request = {"protocol": wire.PROTOCOL, "method": "break", "payload": payload}
    error = json.loads(wire.answer(json.dumps(request), None))["error"]
    assert (error["code"], str(database) in error["message"]) == ("DISK_FULL", True)


def break_store(payload, _progress):
    path = payload["store"]["trackingUri"].removeprefix("sqlite:///")
    raise failure_of(path, "PRAGMA max_page_count = 15", "INSERT INTO t SELECT n FROM t")


def test_postgresql_that_others_keep_locked_is_busy_and_one_that_goes_is_unreachable(tmp_path, monkeypatch):
    monkeypatch.setenv("CHURN_OPS_STATE", str(tmp_path / ".churn-ops"))
    monkeypatch.setattr(postgres_engine, "_LOCK_SECONDS", 1)
    with postgres.cluster() as cluster:
        uri = cluster.uri()
        client = connect(uri)
        with psycopg.connect(uri) as other:
            other.execute("LOCK TABLE registered_models")
            with pytest.raises(MlflowException) as caught:
                client.create_registered_model("m")
        assert store_errors.translate(caught.value, uri).code == "BUSY"
        cluster.stop()
        # MLflow lets some of them through as they are.
        with pytest.raises((MlflowException, sqlalchemy.exc.SQLAlchemyError)) as caught:
            client.create_registered_model("m")
        found = store_errors.translate(caught.value, uri)
        assert (found.code, postgres.PASSWORD in str(vars(found))) == ("STORE_UNREACHABLE", False)
        cluster.start()
        assert client.create_registered_model("m").name == "m"
