"""How long work tells how far it is."""

from collections.abc import Callable

#: Takes a phase, what is done of it, its total, and a text.
Progress = Callable[[str, int, int, str], None]
