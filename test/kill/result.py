"""What comes of one round, whatever kind it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Result:
    """One round.

    Attributes
    ----------
    kind : str
        Row of the summary, such as ``point`` or ``cli``.
    store : str
        ``sqlite``, ``postgresql`` or ``http``.
    case : str
        What was done; enough to do it again.
    broken : list of str
        What must not be; empty when the round is well.
    killed : bool
        Whether something was killed.
    reruns : int
        Commands that were run again.
    refitted : int
        Candidates that the rerun fitted.
    lost : int
        Candidates that were journaled and fitted again all the same.
    unnoted : int
        Candidates that a helper had finished, journaled or not, and that were fitted again.
    gone_seconds : float
        From the kill to the end of the last process.
    notice_seconds : float
        From Python's death to the end of Node.
    watched : dict
        What the poller saw.
    facts : dict
        What the store holds at the end.
    skipped : str
        Why it was not run.
    """

    kind: str
    store: str
    case: str
    broken: list[str] = field(default_factory=list)
    killed: bool = False
    reruns: int = 0
    refitted: int = 0
    lost: int = 0
    unnoted: int = 0
    gone_seconds: float = 0.0
    notice_seconds: float = 0.0
    seconds: float = 0.0
    watched: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    skipped: str = ""
