"""Seconds by phase."""

from __future__ import annotations

import time


class Clock:
    """Adds up the seconds between laps."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, phase: str) -> None:
        """Count the time since the last lap for a phase."""
        now = time.perf_counter()
        self._seconds[phase] = self._seconds.get(phase, 0.0) + now - self._last
        self._last = now

    def take(self) -> dict[str, float]:
        """Give what was counted and begin again."""
        seconds, self._seconds = self._seconds, {}
        return seconds
