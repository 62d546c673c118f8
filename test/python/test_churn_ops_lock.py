"""The comparison of an interpreter's packages with the lock."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import churn_ops_lock

HASH = " \\\n    --hash=sha256:" + "0" * 64 + "\n"


@pytest.mark.parametrize(
    ("marker", "applies"),
    [
        ("", True),
        ("sys_platform == 'win32'", False),
        ("sys_platform != 'win32' and implementation_name != 'pypy'", True),
        ("python_full_version < '3.9'", False),
        ("python_full_version >= '3.9' and python_version > '3.9.1'", True),
        ("(sys_platform == 'win32' or os_name == 'posix') and extra == ''", True),
        ("'win' in sys_platform and sys_platform == 'win32'", False),
        ("sys_platform not in 'win32 cygwin'", True),
    ],
)
def test_a_marker_means_what_pip_takes_it_for(marker: str, applies: bool) -> None:
    assert churn_ops_lock.marker_applies(marker) is applies


def test_every_requirement_of_our_lock_is_read() -> None:
    lock = (Path(__file__).parents[2] / "requirements.txt").read_text(encoding="utf-8")
    rows = [line for line in lock.splitlines() if "==" in line and not line.startswith(("#", " "))]
    names = {churn_ops_lock._normalized(row.split("==")[0].split("[")[0]) for row in rows}
    pinned = churn_ops_lock.pinned(lock)
    assert {"mlflow", "scikit-learn", "evidently", "pandas", "skops"} <= set(pinned)
    elsewhere = names - set(pinned)
    assert elsewhere <= {"colorama", "pywin32", "waitress"} or sys.platform == "win32"


def test_differences_name_what_is_missing_and_what_has_another_version() -> None:
    lock = "pytest==0.0.1" + HASH + "No.Such_Package==1.0" + HASH + "gone==1 ; sys_platform == 'win32'" + HASH
    assert churn_ops_lock.differences(lock) == [
        {"name": "pytest", "wanted": "0.0.1", "found": pytest.__version__},
        {"name": "no-such-package", "wanted": "1.0", "found": None},
    ]
