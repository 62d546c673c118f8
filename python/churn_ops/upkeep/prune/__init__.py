"""Which versions and left-over files there are to delete, and deleting them."""
