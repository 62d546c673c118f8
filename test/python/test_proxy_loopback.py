"""A proxy of the environment is for the world outside: this machine is asked directly, by whatever name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from churn_ops.errors import ChurnOpsError
from churn_ops.store import address as store_address

_VARIABLES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"]


class _Six(ThreadingHTTPServer):
    address_family = socket.AF_INET6


@contextmanager
def _serving(host: str) -> Iterator[tuple[int, list[str]]]:
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"OK")

        def log_message(self, *_: object) -> None:
            pass

    server = (_Six if ":" in host else ThreadingHTTPServer)((host, 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "http_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    ("bound", "written"),
    [("127.0.0.1", "127.0.0.1"), ("127.0.0.1", "localhost"), ("127.3.2.1", "127.3.2.1"), ("::1", "[::1]")],
)
def test_this_machine_is_asked_without_the_proxy(
    monkeypatch: pytest.MonkeyPatch, variable: str, bound: str, written: str
) -> None:
    with _serving(bound) as (port, asked), _serving("127.0.0.1") as (proxy, proxied):
        monkeypatch.setenv(variable, f"http://127.0.0.1:{proxy}")
        store_address.check_reachable(f"http://{written}:{port}", must_exist=True)
        assert (asked, proxied) == (["/health"], [])


def test_the_world_outside_is_asked_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with _serving("127.0.0.1") as (proxy, proxied):
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy}")
        store_address.check_reachable("http://store.example:5000", must_exist=True)
        assert proxied == ["http://store.example:5000/health"]


def test_a_name_that_only_begins_like_this_machine_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    for host in ("localhost.example", "127.0.0.1.example", "10.0.0.1"):
        with pytest.raises(ChurnOpsError) as refused:
            store_address.check_reachable(f"http://{host}:5000", must_exist=True)
        assert refused.value.code == "STORE_UNREACHABLE"
    assert not store_address.is_loopback("http://localhost.example")
    assert store_address.is_loopback("http://[::ffff:127.0.0.1]:1")
