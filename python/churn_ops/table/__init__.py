"""Tables as Node judged them, and which of their rows are one customer."""
