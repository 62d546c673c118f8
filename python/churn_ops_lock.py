"""Compare an interpreter's packages with the lock; run by that interpreter, standard library only."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from typing import Any


def differences(lock: str) -> list[dict[str, str | None]]:
    """Compare this interpreter's packages with a lock.

    Parameters
    ----------
    lock : str
        Text of the lock.

    Returns
    -------
    list of dict
        ``name``, ``wanted`` and ``found`` (None when missing) of each package that differs.
    """
    installed = _installed_versions()
    found = {name: installed.get(name) or _version_by_metadata(name) for name in pinned(lock)}
    return [
        {"name": name, "wanted": wanted, "found": found[name]}
        for name, wanted in pinned(lock).items()
        if found[name] != wanted
    ]


def pinned(lock: str) -> dict[str, str]:
    """Read name and version of each requirement whose marker applies to this interpreter.

    Parameters
    ----------
    lock : str
        Text of the lock.

    Returns
    -------
    dict
        Normalized name → version.
    """
    rows = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)[ \t]*(?:;([^\\\n]*))?", lock, re.MULTILINE)
    return {_normalized(name): version for name, version, marker in rows if marker_applies(marker)}


def marker_applies(marker: str) -> bool:
    """Evaluate an environment marker: its grammar is that of Python expressions.

    Parameters
    ----------
    marker : str
        Such as ``python_full_version < '3.12' and sys_platform != 'win32'``; blank applies always.

    Returns
    -------
    bool
        Whether the requirement counts here.
    """
    return not marker.strip() or bool(_evaluate(ast.parse(marker.strip(), mode="eval").body))


def _installed_versions() -> dict[str, str]:
    # Folder names tell name and version; reading each METADATA would take ten times as long.
    versions: dict[str, str] = {}
    for entry in sys.path:
        with contextlib.suppress(OSError):
            for name in os.listdir(entry):
                match = re.fullmatch(r"(.+?)-([^-]+)\.dist-info", name)
                if match is not None:
                    versions.setdefault(_normalized(match[1]), match[2])
    return versions


def _version_by_metadata(name: str) -> str | None:
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version(name)
    return None


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _evaluate(node: ast.expr) -> Any:
    if isinstance(node, ast.BoolOp):
        values = [bool(_evaluate(value)) for value in node.values]
        return all(values) if isinstance(node.op, ast.And) else any(values)
    if isinstance(node, ast.Compare):
        return _compare(_evaluate(node.left), node.ops[0], _evaluate(node.comparators[0]))
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return _marker_variables()[node.id]
    raise ValueError(f"not a marker: {ast.unparse(node)}")


def _compare(left: str, operator: ast.cmpop, right: str) -> bool:
    if isinstance(operator, ast.In | ast.NotIn):
        return (left in right) == isinstance(operator, ast.In)
    is_version = all(re.fullmatch(r"\d+(\.\d+)*", side) for side in (left, right))
    if is_version:
        return _ordered(_version(left), _version(right), operator)
    return _ordered(left, right, operator)


def _ordered(a: Any, b: Any, operator: ast.cmpop) -> bool:
    answers = {
        ast.Eq: a == b,
        ast.NotEq: a != b,
        ast.Lt: a < b,
        ast.LtE: a <= b,
        ast.Gt: a > b,
        ast.GtE: a >= b,
    }
    return answers[type(operator)]


def _version(text: str) -> tuple[int, ...]:
    parts = [int(part) for part in text.split(".")]
    return (*parts, *(0 for _ in range(4 - len(parts))))


def _marker_variables() -> dict[str, str]:
    return {
        "python_version": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "python_full_version": ".".join(str(part) for part in sys.version_info[:3]),
        "sys_platform": sys.platform,
        "os_name": os.name,
        "platform_system": platform.system(),
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "implementation_name": sys.implementation.name,
        "extra": "",
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"differences": differences(Path(sys.argv[1]).read_text(encoding="utf-8"))}) + "\n")
