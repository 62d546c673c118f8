"""The helper processes of a training and their tasks."""
