"""What is on the machine before and after all rounds: processes, listening ports, temporary folders, shared memory."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

_SHARED_MEMORY = Path("/dev/shm")
_GONE_WITHIN_SECONDS = 2.0


def entries() -> set[str]:
    """Entries of the shared memory and the folder for temporary files."""
    watched = (_SHARED_MEMORY, Path(tempfile.gettempdir()))
    return {str(path) for folder in watched if folder.is_dir() for path in folder.iterdir()}


def abandoned(before: set[str]) -> list[str]:
    """New entries that no living process maps: another program's shared memory is not ours to judge."""
    new = entries() - before
    mapped = _mapped() if any(_is_shared_memory(path) for path in new) else set()
    return sorted(path for path in new if not (_is_shared_memory(path) and _inode(path) in mapped))


def _is_shared_memory(path: str) -> bool:
    return Path(path).parent == _SHARED_MEMORY


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0


def processes_of(folder: Path) -> list[str]:
    """Processes that work in a folder or have it in their variables, given two seconds to end."""
    deadline = time.monotonic() + _GONE_WITHIN_SECONDS
    while True:
        found = _processes_of(str(folder))
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def _processes_of(folder: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) == os.getpid():
            continue
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            inside = os.readlink(entry / "cwd").startswith(folder)
            if command and (inside or folder.encode() in (entry / "environ").read_bytes()):
                found.append(f"process {entry.name} {command[:120]}{_port_of(entry)}")
        except OSError:
            continue
    return found


def _mapped() -> set[int]:
    # By inode: a semaphore is mapped under a name that it had before.
    found = {0}
    for maps in Path("/proc").glob("[0-9]*/maps"):
        try:
            lines = maps.read_text().splitlines()
        except OSError:
            continue
        found.update(int(line.split()[4]) for line in lines if "/dev/shm/" in line)
    return found


def _port_of(entry: Path) -> str:
    sockets = {os.readlink(link)[8:-1] for link in (entry / "fd").iterdir() if "socket:" in os.readlink(link)}
    for line in (entry / "net" / "tcp").read_text().splitlines()[1:]:
        fields = line.split()
        # 0A is the state of a socket that listens; field 9 is its inode.
        if fields[3] == "0A" and fields[9] in sockets:
            return f" listens on port {int(fields[1].split(':')[1], 16)}"
    return ""
