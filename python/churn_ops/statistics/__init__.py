"""Intervals, bootstrap and skill, by customer."""
