"""Make Evidently's page safe to open: what the table holds stays text, and only the page's own scripts run."""

from __future__ import annotations

import base64
import hashlib
import json
import re

#: Evidently puts its data as JSON between script tags, where a category named ``</script>…`` would end the script.
_DATA = re.compile(r"\b(?:var|const|let) (?:additional_graphs_)?metric_[0-9a-f]{32} = (?=\{)")
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_HEAD = '<meta charset="UTF-8">'


def harden(page: str) -> str:
    """Escape the data of a page and let a Content-Security-Policy name its scripts by their hashes.

    Parameters
    ----------
    page : str
        HTML as Evidently gives it.

    Returns
    -------
    str
        The same page; it loads nothing from elsewhere.

    Raises
    ------
    ValueError
        When the page is not built as expected, and therefore not known to be safe.
    """
    escaped = _escape_data(page)
    scripts = " ".join(f"'sha256-{_digest(script)}'" for script in _SCRIPT.findall(escaped))
    policy = "; ".join(
        [
            "default-src 'none'",
            "base-uri 'none'",
            "form-action 'none'",
            "style-src 'unsafe-inline'",
            "font-src data:",
            "img-src data: blob:",
            f"script-src {scripts}",
        ]
    )
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return escaped.replace(_HEAD, f"{_HEAD}\n        {meta}", 1)


def _escape_data(page: str) -> str:
    parts: list[str] = []
    end = 0
    # Each search begins behind the data before it, so that no value can pass itself off as the start of data.
    while start := _DATA.search(page, end):
        _, data_end = json.JSONDecoder().raw_decode(page, start.end())
        parts += [page[end : start.end()], _escaped(page[start.end() : data_end])]
        end = data_end
    if len(parts) != 4 or _HEAD not in parts[0]:
        raise ValueError("Evidently's page is not built as expected")
    return "".join([*parts, page[end:]])


def _escaped(data: str) -> str:
    # In JSON these stand inside texts alone.
    return (
        data.replace("<", "\\u003c").replace(">", "\\u003e").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )


def _digest(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
