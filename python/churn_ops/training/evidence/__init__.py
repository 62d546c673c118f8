"""What a data scientist wants to see of a version: pictures, slices, importance, a model card."""
