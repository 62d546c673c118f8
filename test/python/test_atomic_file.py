"""A file takes its place when it is whole; whatever goes wrong before leaves the old one and no draft."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from churn_ops.process import atomic_file


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    place.write_text("old")
    with atomic_file.draft(place) as unfinished:
        unfinished.write_text("new")
        assert place.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert place.read_text() == "new"


def test_a_failure_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    place = tmp_path / "report.html"
    place.write_text("old")
    with pytest.raises(ValueError, match="broken"), atomic_file.draft(place) as unfinished:
        unfinished.write_text("half")
        raise ValueError("broken")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert place.read_text() == "old"


def test_a_link_in_its_place_is_replaced_and_what_it_leads_to_is_kept(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("kept")
    place = tmp_path / "report.html"
    place.symlink_to(precious)
    with atomic_file.draft(place) as unfinished:
        unfinished.write_text("new")
    assert (precious.read_text(), place.read_text(), place.is_symlink()) == ("kept", "new", False)


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from churn_ops.process import atomic_file

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
with atomic_file.draft(Path(sys.argv[1])) as unfinished:
    unfinished.write_text("x" * 5000)
"""

_KILLED = """
import os, signal, sys
from pathlib import Path
from churn_ops.process import atomic_file

with atomic_file.draft(Path(sys.argv[1])) as unfinished:
    unfinished.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("program", "drafts"), [(_LIMITED, 0), (_KILLED, 1)])
def test_a_write_that_stops_half_way_leaves_the_old_file(tmp_path: Path, program: str, drafts: int) -> None:
    place = tmp_path / "report.html"
    place.write_text("old")
    package = Path(atomic_file.__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", program, str(place)], check=False, cwd=package, capture_output=True)
    assert ended.returncode != 0
    assert place.read_text() == "old"
    assert len(list(tmp_path.glob("*.part"))) == drafts
