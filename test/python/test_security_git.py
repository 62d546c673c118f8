"""A repository that somebody else packed: asking it for its commit runs nothing of it."""

import subprocess

import pytest

from churn_ops.training.commit.origin import git_tags


def git(folder, *arguments):
    own = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *own, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path):
    """A commit, a file that has to be read again, and three ways to run something when it is."""
    folder, trace = tmp_path / "repository", tmp_path / "ran"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "table.csv").write_text("a\n")
    (folder / ".gitattributes").write_text("*.csv filter=evil\n")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    for key, command in (("filter.evil.clean", "clean; cat"), ("core.fsmonitor", "monitor;")):
        git(folder, "config", key, f"echo >> {trace}-{command}")
    hook = folder / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\necho >> {trace}-hook\n")
    hook.chmod(0o755)
    (folder / "table.csv").write_text("b\n")
    return folder


def traces(folder):
    return sorted(path.name for path in folder.parent.glob("ran-*"))


def test_the_commit_of_a_hostile_repository_is_read_without_running_its_settings(repository):
    git_tags.cache_clear()
    tags = git_tags(repository)
    assert len(tags["churnops.git_commit"]) == 40
    assert tags["churnops.git_dirty"] == "true"
    assert traces(repository) == []


def test_plain_git_does_run_them(repository):
    git(repository, "status", "--porcelain")
    assert "ran-clean" in traces(repository)
    assert "ran-hook" in traces(repository) or "ran-monitor" in traces(repository)
