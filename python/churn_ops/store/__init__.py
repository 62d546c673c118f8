"""The tracking store: its address, connection, schema, place, and what its failures mean."""
