"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Sequence


def bounded(value: float | None, low: float | None, high: float | None) -> str:
    """Write a share with its interval."""
    return "-" if value is None else f"{value:.3f} ({low:.2f} to {high:.2f})"


def number(value: float | None) -> str:
    """Write a metric."""
    return "-" if value is None else f"{value:.4f}"


def section(title: str, body: str) -> str:
    """Write a section; nothing when it has no body."""
    return f"## {title}\n\n{body}" if body else ""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table; a bar or a line break in a value does not break it."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"

    return "\n".join([line(header), line(["---"] * len(header)), *(line(row) for row in rows)])
