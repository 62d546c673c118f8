"""The model registry: versions with their facts, moves, and the comparisons that promotion rests on."""
