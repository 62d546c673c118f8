"""A real S3 server on this machine for tests: moto's, as a process of its own with packages of its own.

As a program it starts one and prints one JSON line with its address; each line on its standard input is a command
(`objects BUCKET`, `stop`) that is answered by a line; it ends the server when its input ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUCKET = "models"
VARIABLES = {
    "AWS_ACCESS_KEY_ID": "AKIATESTONLY",
    "AWS_SECRET_ACCESS_KEY": "test-only-secret-Zk7Q",
    "AWS_DEFAULT_REGION": "us-east-1",
    # Nothing of this machine's AWS files or role decides.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Missing(Exception):
    """The server cannot be had here; the text says why."""


@functools.cache
def _packages() -> str:
    node = shutil.which("node")
    if node is None:
        raise Missing("there is no node to install the S3 server with")
    script = ROOT / "scripts" / "object-storage.mjs"
    asked = subprocess.run([node, str(script), sys.executable], capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        raise Missing(f"the S3 server cannot be installed: {asked.stderr[-300:]}")
    return asked.stdout.strip()


class ObjectStorage:
    """One running server with the bucket `models`."""

    def __init__(self) -> None:
        # On its own PYTHONPATH alone: its packages never meet those of the product.
        self._server = subprocess.Popen(
            [sys.executable, "-P", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"],
            env={**os.environ, "PYTHONPATH": _packages()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=_die_with_parent,
        )
        self.url = self._read_address()
        self.variables = {**VARIABLES, "MLFLOW_S3_ENDPOINT_URL": self.url}
        self._client().create_bucket(Bucket=BUCKET)

    def _read_address(self) -> str:
        for line in self._server.stderr:
            found = re.search(r"Running on (http://\S+)", line)
            if found:
                # Somebody has to read on, or the server would wait for us once the pipe is full.
                threading.Thread(target=self._server.stderr.read, daemon=True).start()
                return found[1]
        raise Missing(f"the S3 server ended with {self._server.wait()}")

    def _client(self):
        import boto3
        from botocore.client import Config

        keys = {"aws_access_key_id": "AKIATESTONLY", "aws_secret_access_key": "any", "region_name": "us-east-1"}
        limits = Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 3})
        return boto3.session.Session(**keys).client("s3", endpoint_url=self.url, config=limits)

    def objects(self, bucket: str = BUCKET) -> list[str]:
        """Keys of all objects of a bucket."""
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=bucket)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def remove(self, key: str, bucket: str = BUCKET) -> None:
        """Remove one object."""
        self._client().delete_object(Bucket=bucket, Key=key)

    def check_keys(self, wanted: bool) -> None:
        """Have the server refuse every key that no user of it has, as a real one does."""
        body = b"0" if wanted else b"inf"
        request = urllib.request.Request(
            f"{self.url}/moto-api/reset-auth", data=body, headers={"Content-Type": "text/plain"}
        )
        urllib.request.urlopen(request, timeout=10).close()

    def close(self) -> None:
        """End the server."""
        self._server.terminate()
        self._server.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)


@contextlib.contextmanager
def object_storage() -> Iterator[ObjectStorage]:
    """Give a running server; pytest skips with the reason where none can be had."""
    try:
        made = ObjectStorage()
    except Missing as missing:
        import pytest

        pytest.skip(str(missing))
    try:
        yield made
    finally:
        made.close()


def main() -> None:
    """Serve one to another program."""
    try:
        made = ObjectStorage()
    except Missing as missing:
        print(json.dumps({"missing": str(missing)}), flush=True)
        return
    try:
        print(json.dumps({"url": made.url, "variables": made.variables}), flush=True)
        for line in sys.stdin:
            command, *names = line.split()
            answer = {}
            if command == "objects":
                answer = {"objects": made.objects(*names)}
            else:
                made.close()
            print(json.dumps(answer), flush=True)
    finally:
        made.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    main()
