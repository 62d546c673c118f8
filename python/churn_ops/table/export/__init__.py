"""Tables in other forms than CSV, written as one canonical CSV that Node judges like any other."""
