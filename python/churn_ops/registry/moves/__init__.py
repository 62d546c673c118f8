"""Moves of versions between stages, in an order that a kill cannot mar."""
