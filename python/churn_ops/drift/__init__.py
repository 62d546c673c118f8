"""Compare a window of rows with the rows that a model learned from; measure, never judge."""
