"""A copy of a PostgreSQL store by ``pg_dump``; credentials go by the environment, never by the process list."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from churn_ops.errors import ChurnOpsError
from churn_ops.process import atomic_file, lifetime


def dump(tracking_uri: str, folder: Path, name: str) -> Path:
    """Write a whole backup file, synced to the disk.

    Parameters
    ----------
    tracking_uri : str
        ``postgresql://…``.
    folder : pathlib.Path
        Where the file goes; made when it is missing.
    name : str
        The file's name.

    Returns
    -------
    pathlib.Path
        The file, in the format that ``pg_restore`` reads.

    Raises
    ------
    ChurnOpsError
        ``STORE_SCHEMA`` when there is no ``pg_dump`` or it fails.
    """
    program = shutil.which("pg_dump")
    if program is None:
        raise _refused(
            "there is no pg_dump on the PATH to make a backup with",
            "Install PostgreSQL's client programs (such as `apt install postgresql-client`), then run it again.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.unfinished"):
        left.unlink()
    unfinished = folder / f"{name}.unfinished"
    # Made by us with the rights that a copy of a database needs.
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        finished = subprocess.run(
            [program, "--format=custom", "--no-password"],
            env={**os.environ, **_variables(tracking_uri)},
            stdin=subprocess.DEVNULL,
            stdout=descriptor,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            preexec_fn=lifetime.die_with_parent,
        )
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if finished.returncode != 0:
        unfinished.unlink()
        said = finished.stderr.strip() or f"exit code {finished.returncode}"
        raise _refused(
            f"pg_dump could not make a backup: {said[:300]}",
            "Use a pg_dump of the server's version, or make a backup and run `churn-ops mlflow db upgrade URI`.",
        )
    os.replace(unfinished, folder / name)
    atomic_file.sync(folder)
    return folder / name


def _variables(tracking_uri: str) -> dict[str, str]:
    from psycopg import conninfo, pq

    given = conninfo.conninfo_to_dict(re.sub(r"^postgresql\+\w+:", "postgresql:", tracking_uri))
    names = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
    known = {keyword: names.get(keyword) for keyword in given}
    return {"PGCONNECT_TIMEOUT": "8"} | {name.decode(): str(given[keyword]) for keyword, name in known.items() if name}


def _refused(why: str, hint: str) -> ChurnOpsError:
    return ChurnOpsError(
        "STORE_SCHEMA",
        f"The store was created by an older MLflow, and {why}. Nothing was changed.",
        hint,
    )
