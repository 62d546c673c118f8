"""What must be true of a store at rest, and putting it right."""
