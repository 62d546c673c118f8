"""Addresses and texts of libraries without the credentials of an address: the one place that hides them."""

from __future__ import annotations

import re
from urllib.parse import unquote

# User and password reach up to the last @: a password may hold any sign, also those that end a host or a path.
_USER_INFO = re.compile(r"(?P<user>[^/:]*):(?P<password>.*)@|(?P<alone>[^/]*)@", re.DOTALL)


def shown(address: str) -> str:
    """Copy an address without user, password and options.

    Parameters
    ----------
    address : str
        A URL as the user gave it, well formed or not.

    Returns
    -------
    str
        Such as ``postgresql://host/database``; where it cannot be known what is a password, only the scheme.
    """
    scheme, mark, rest = address.partition("://")
    if scheme.startswith("sqlite"):
        # A path, in which only the question mark means something.
        return address.partition("?")[0]
    place, *options = re.split(r"(?=[?#])", rest, maxsplit=1)
    if any("@" in option for option in options):
        return f"{scheme}{mark}***"
    user_info = _USER_INFO.match(place)
    return f"{scheme}{mark}{place[user_info.end() :] if user_info else place}"


def hidden(text: str, address: str, *others: str | None) -> str:
    """Take the password of an address, as it is written and as it is meant, out of what a library says.

    Parameters
    ----------
    text : str
        What the library says.
    address : str
        The address that it was given.
    *others : str or None
        What else must not be shown.
    """
    _, password = credentials(address)
    secrets = {secret for secret in (password, unquote(password), *others) if secret}
    # The longest first, lest one that is part of another leaves the rest of it.
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def credentials(address: str) -> tuple[str, str]:
    """Find user and password of an address as they are written; empty where it has none."""
    found = _USER_INFO.match(address.partition("://")[2])
    return (found["user"] or found["alone"] or "", found["password"] or "") if found else ("", "")
