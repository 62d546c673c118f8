"""The hashes of a version's files: written with them, and checked before anything of theirs is used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from churn_ops.errors import ChurnOpsError

FILE = "manifest.json"

# MLflow itself writes the second one into a folder when a version is loaded by name.
_NOT_LISTED = frozenset({FILE, "registered_model_meta"})
_BLOCK_BYTES = 1 << 20


def write(folder: Path) -> str:
    """Hash every file of a model folder and write the list next to them.

    Parameters
    ----------
    folder : pathlib.Path
        A complete model folder.

    Returns
    -------
    str
        SHA-256 over the sorted list, hex: the value of the tag ``churnops.manifest``.
    """
    files = hashes(folder)
    (folder / FILE).write_text(json.dumps({"files": files}, indent=2, sort_keys=True))
    return digest(files)


def hashes(folder: Path) -> dict[str, str]:
    """Hash every file of a folder but the list itself.

    Returns
    -------
    dict of str to str
        SHA-256, hex, by path relative to the folder with ``/``.
    """
    found = {}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(folder).as_posix()
        # Python writes bytecode when a version is served; `verify` takes it away before anything is loaded.
        if "__pycache__" in name.split("/"):
            continue
        # A link could point at other bytes tomorrow: it counts as what it points at today.
        if file.is_file() and name not in _NOT_LISTED:
            found[name] = hash_file(file)
    return found


def hash_file(path: Path) -> str:
    """SHA-256 of a file, hex."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK_BYTES):
            found.update(block)
    return found.hexdigest()


def digest(files: dict[str, str]) -> str:
    """SHA-256 over the sorted list of file hashes, hex."""
    text = json.dumps(files, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def verify(folder: Path, expected: str, what: str) -> None:
    """Check that a folder holds exactly the files that its manifest names, unchanged.

    Parameters
    ----------
    folder : pathlib.Path
        The model folder.
    expected : str
        The tag ``churnops.manifest`` of the version.
    what : str
        How an error calls the version, such as ``version 7``.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY`` that names the files at fault.
    """
    try:
        found = hashes(folder)
    except OSError as error:
        raise _damaged(what, f"its files cannot be read: {error.strerror or error}", []) from error
    if digest(found) == expected:
        return
    listed = _listed(folder, expected)
    if listed is None:
        raise _damaged(what, "they differ from its manifest, and so does the list of files", [])
    faults = [name for name in sorted(listed.keys() | found.keys()) if listed.get(name) != found.get(name)]
    shown = ", ".join(f"{name} ({_fault(name, listed, found)})" for name in faults[:3])
    raise _damaged(what, f"they differ from its manifest: {shown}", faults)


def verify_file(folder: Path, name: str, expected: str, what: str) -> Path:
    """Check one file of a folder, without the rest.

    Parameters
    ----------
    folder : pathlib.Path
        The model folder, with the list in it.
    name : str
        Path in the folder.
    expected : str
        The tag ``churnops.manifest`` of the version.
    what : str
        How an error calls the version.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ChurnOpsError
        ``MODEL_INTEGRITY``.
    """
    listed = _listed(folder, expected)
    if listed is None:
        raise _damaged(what, f"its manifest {FILE} is missing or changed", [FILE])
    file = folder / name
    found = {name: hash_file(file)} if file.is_file() else {}
    if listed.get(name) != found.get(name):
        fault = _fault(name, listed, found)
        raise _damaged(what, f"they differ from its manifest: {name} ({fault})", [name])
    return file


def _listed(folder: Path, expected: str) -> dict[str, str] | None:
    try:
        files = json.loads((folder / FILE).read_text())["files"]
        return files if digest(files) == expected else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _fault(name: str, listed: dict[str, str], found: dict[str, str]) -> str:
    if name not in found:
        return "missing"
    return "changed" if name in listed else "not its own"


def _damaged(what: str, why: str, files: list[str]) -> ChurnOpsError:
    return ChurnOpsError(
        "MODEL_INTEGRITY",
        f"The files of {what} are not the ones that were registered: {why}. Nothing was changed.",
        "Restore them from a backup, or run `churn-ops rollback` to an intact version (see `churn-ops doctor`).",
        {"what": what, "files": files[:20]},
    )
