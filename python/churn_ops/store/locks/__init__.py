"""Locks on a store, freed by the kernel or the server when their holder dies."""
