"""Candidates as runs and versions of the store, each made once."""
