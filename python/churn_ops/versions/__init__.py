"""What the store holds of a version: stored rows, searches, moves."""
