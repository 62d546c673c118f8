"""A proxy before a real ``mlflow server`` that lets the server commit and drops its answer."""

from __future__ import annotations

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kill import checks, command, forks, rounds
from kill.command import Place
from kill.result import Result
from kill.stores import SqliteStores

_READY_SECONDS = 90
_API = "/api/2.0/mlflow/"


@dataclass(frozen=True)
class Drop:
    """Which answer is dropped.

    Attributes
    ----------
    method, path : str
        Of the request, below MLflow's API.
    times : tuple of int
        Which of these requests, from 1.
    """

    method: str
    path: str
    times: tuple[int, ...]

    @property
    def title(self) -> str:
        """Name in reports."""
        return f"{self.method} {self.path}, answer {' and '.join(map(str, self.times))} dropped"


DROPS = (
    Drop("POST", "model-versions/create", (1,)),
    Drop("POST", "runs/create", (2,)),
    Drop("POST", "registered-models/alias", (1,)),
    Drop("POST", "logged-models", (1,)),
    Drop("POST", "runs/create", (1,)),
    Drop("POST", "model-versions/create", (1, 2)),
    Drop("POST", "model-versions/create", (3,)),
    Drop("POST", "runs/update", (1,)),
    Drop("POST", "registered-models/create", (1,)),
    Drop("POST", "experiments/create", (1,)),
    Drop("POST", "model-versions/set-tag", (1,)),
    Drop("POST", "model-versions/transition-stage", (1,)),
    Drop("POST", "registered-models/alias", (2, 3)),
)


def play(stores: SqliteStores, folder: Path, drop: Drop, expected: checks.Facts) -> Result:
    """Do all the work over HTTP while one answer is lost; a command that fails is run again once."""
    folder.mkdir(parents=True)
    result = Result("lost reply", "http", drop.title)
    forks.adopt_orphans()
    with _server(stores, folder) as port, _proxy(port, drop) as (proxy_port, dropped):
        place = Place(folder, f"http://127.0.0.1:{proxy_port}")
        begun = time.monotonic()
        try:
            for step in rounds.STEPS:
                _run(place, step, result)
            result.seconds = time.monotonic() - begun
            result.killed = bool(dropped)
            if not dropped:
                result.broken.append("no such request was made")
            result.broken += checks.broken(place)
            result.facts = checks.facts(place)
            result.broken += checks.differences(result.facts, expected["pruned"])
        except Exception as error:  # noqa: BLE001  (a round that fails is a finding, and the others go on)
            result.broken.append(f"round failed: {type(error).__name__}: {error}")
    if forks.wait_for_all(rounds.GONE_WITHIN_SECONDS) is None:
        result.broken.append("I7: processes live on")
    shutil.rmtree(folder, ignore_errors=True)
    return result


def _run(place: Place, step: rounds.Step, result: Result) -> None:
    answer: dict[str, Any] = {}
    for attempt in range(2):
        try:
            answer = command.run(place, step.method, step.request(place))
        except RuntimeError as error:
            answer = {"ok": False, "error": {"code": "?", "message": str(error)}}
        if answer["ok"]:
            result.reruns += attempt
            return
    raise RuntimeError(f"one rerun of {step.name} is not enough: {answer['error']}")


@contextmanager
def _server(stores: SqliteStores, folder: Path) -> Iterator[int]:
    home = folder / "server"
    home.mkdir()
    uri = stores.fresh(home)
    port = _free_port()
    command_line = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, "--workers", "1"]
    command_line += ["--host", "127.0.0.1", "--port", str(port), "--artifacts-destination", str(home / "artifacts")]
    environment = {**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    with (home / "server.log").open("wb") as log:
        server = subprocess.Popen(
            command_line, cwd=home, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_ready(port, server, home / "server.log")
        yield port
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _wait_until_ready(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the server does not answer: {log.read_text()[-500:]}")


@contextmanager
def _proxy(port: int, drop: Drop) -> Iterator[tuple[int, list[str]]]:
    """A proxy in a process of its own; the dropped requests are in the list when the block ends."""
    reading, writing = os.pipe()
    listener = socket.create_server(("127.0.0.1", 0))

    def work_as_proxy() -> int:
        os.close(reading)
        _serve(listener, port, drop, writing)
        return 0

    pid = forks.fork(work_as_proxy)
    os.close(writing)
    os.set_blocking(reading, False)
    dropped = _Dropped(reading)
    try:
        yield listener.getsockname()[1], dropped
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(reading)
        listener.close()


class _Dropped(list[str]):
    """The requests whose answers were dropped, as the proxy tells of them."""

    def __init__(self, reading: int) -> None:
        super().__init__()
        self._reading = reading

    def __bool__(self) -> bool:
        with contextlib.suppress(BlockingIOError):
            self.extend(os.read(self._reading, 65536).decode().splitlines())
        return len(self) > 0


def _serve(listener: socket.socket, port: int, drop: Drop, told: int) -> None:
    counted = 0
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            with contextlib.suppress(ConnectionError):
                super().handle_one_request()

        def _forward(self) -> None:
            nonlocal counted
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length) if length else self._chunks()
            upstream = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
            upstream.request(self.command, self.path, body or None, headers)
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            if self.command == drop.method and self.path == _API + drop.path:
                with turn:
                    counted += 1
                    lost = counted in drop.times
                if lost:
                    os.write(told, f"{self.command} {self.path}: {answer.status}\n".encode())
                    self.close_connection = True
                    return
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in _HOP:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _forward

        def _chunks(self) -> bytes:
            found = b""
            if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    found += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
            return found

        def log_message(self, *_parts: Any) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.serve_forever()


_HOP = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "host", "content-encoding"})


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
