"""Comparisons of versions on rows that neither of them trained on."""
