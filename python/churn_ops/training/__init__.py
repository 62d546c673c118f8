"""Fits, measures, logs and registers the candidates of a search."""
