"""Why versions are read, in the words of the errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Purpose:
    """Why versions are read, in the words of the errors when that cannot be done.

    Attributes
    ----------
    cannot : str
        What a version without the files cannot: ``cannot be compared``.
    state : str
        What state things are in then, as a sentence.
    hint : str
        The one step to take next.
    """

    cannot: str
    state: str
    hint: str
