"""Where a training came from: the git commit of the user's folder, and the request without what is secret."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from churn_ops.contract import Tag
from churn_ops.training.split_request import SplitRequest

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
    tags = {Tag.GIT_COMMIT: commit, "mlflow.source.git.commit": commit}
    if _git(folder, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=all"):
        tags[Tag.GIT_DIRTY] = "true"
    return tags


def recorded(request: SplitRequest) -> dict[str, Any]:
    """Leave out of a training request the store, whose address may hold a password, and how it was run."""
    return {name: value for name, value in request.items() if name not in ("store", "waitSeconds", "force")}


def _git(folder: Path, *arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    # A repository's own settings must not start programs: monitors, hooks, filters.
    harmless = ["-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *_without_filters(git, folder)]
    return _output([git, "--no-optional-locks", "-C", str(folder), *harmless, *arguments])


@functools.cache
def _without_filters(git: str, folder: Path) -> list[str]:
    listed = _output([git, "-C", str(folder), "config", "--local", "--name-only", "--get-regexp", r"^filter\."])
    names = {line.rpartition(".")[0] for line in listed.splitlines()}
    return [part for name in sorted(names) for key in ("clean", "process") for part in ("-c", f"{name}.{key}=")]


def _output(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
