"""What the table's owner did not write himself, made harmless for whoever reads it: in Markdown, in spreadsheets."""

from __future__ import annotations

import re
from typing import Any

_FORMULA = re.compile(r"[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n\0]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
_MARKUP = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "`": "&#96;",
    "[": "&#91;",
    "]": "&#93;",
    "*": "&#42;",
}


def spreadsheet(value: Any) -> Any:
    """Keep a spreadsheet from taking a text for a formula; numbers stay as they are."""
    if isinstance(value, str) and _FORMULA.match(value) and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value


def plain(text: str) -> str:
    """Write a text so that Markdown shows it as it is: no tags, no links, no lines of its own."""
    return "".join(_MARKUP.get(character, character) for character in _one_line(text))


def code(text: Any) -> str:
    """Write a text as a code span of Markdown, which it cannot leave."""
    return f"`{_one_line(str(text)).replace('`', chr(39))}`"


def _one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text)
