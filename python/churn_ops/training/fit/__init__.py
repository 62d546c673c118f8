"""Fitting and measuring candidates on rows."""
