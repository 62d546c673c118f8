"""Who began a run: ``host:boot:pid:start``, so that a later process can tell whether it still lives."""

from __future__ import annotations

import functools
import os
import socket
import subprocess
import sys
from pathlib import Path


@functools.cache
def _boot() -> str:
    # Process ids mean something in one boot and one namespace of process ids only.
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{os.readlink('/proc/self/ns/pid')}".replace(":", "")
    except OSError:
        return "unknown"


def current() -> str:
    """Name this process.

    Returns
    -------
    str
        ``host:boot:pid:start``, the value of the tag ``churnops.owner``.
    """
    pid = os.getpid()
    return f"{socket.gethostname()}:{_boot()}:{pid}:{_start_of(pid) or 'unknown'}"


def is_dead(owner: str) -> bool | None:
    """Tell whether the process that an owner tag names has ended.

    Parameters
    ----------
    owner : str
        Value of the tag.

    Returns
    -------
    bool or None
        None when that cannot be known here: another host, another container, or not a value of ours.
    """
    parts = owner.split(":")
    if len(parts) != 4 or not parts[2].isdigit() or parts[0] != socket.gethostname():
        return None
    boot, namespace = parts[1].partition("/")[::2]
    our_boot, our_namespace = _boot().partition("/")[::2]
    if boot != our_boot:
        return True
    if namespace != our_namespace:
        return None
    # A number can be given again: the start tells two processes apart.
    return _start_of(int(parts[2])) != parts[3]


def host_of(owner: str) -> str:
    """Name of the host in an owner tag."""
    return owner.split(":")[0]


def pid_of(owner: str) -> str:
    """Process id in an owner tag."""
    return [*owner.split(":"), "", "", "?"][2]


def _start_of(pid: int) -> str | None:
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return None
        state, *rest = stat[stat.rindex(")") + 2 :].split()
        # A zombie writes nothing any more. Field 22 of the line is the start in ticks since boot.
        return None if state in "ZX" else rest[18]
    asked = subprocess.run(["/bin/ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return asked.stdout.strip().replace(":", ".") or None
