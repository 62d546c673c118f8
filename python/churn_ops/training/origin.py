"""Where a training came from: the git commit of the user's folder, and the request without what is secret."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path
from typing import Any

_SECONDS = 5


@functools.cache
def git_tags(folder: Path) -> dict[str, str]:
    """Tags with the commit that a folder stands at.

    Parameters
    ----------
    folder : pathlib.Path
        The user's folder.

    Returns
    -------
    dict of str to str
        ``churnops.git_commit`` and MLflow's own tag, ``churnops.git_dirty`` when tracked files were changed; empty
        without git or a commit.
    """
    commit = _git(folder, "rev-parse", "--verify", "HEAD")
    if not commit:
        return {}
    tags = {"churnops.git_commit": commit, "mlflow.source.git.commit": commit}
    if _git(folder, "status", "--porcelain", "--untracked-files=no"):
        tags["churnops.git_dirty"] = "true"
    return tags


def recorded(request: dict[str, Any]) -> dict[str, Any]:
    """Leave out of a training request the store, whose address may hold a password, and how it was run."""
    return {name: value for name, value in request.items() if name not in ("store", "waitSeconds", "force")}


def _git(folder: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    # A repository's own settings must not start programs.
    command = [git, "-C", str(folder), "-c", "core.fsmonitor=false", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
