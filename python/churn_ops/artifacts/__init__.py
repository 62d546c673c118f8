"""Where the files of runs and versions lie, on this disk or in S3-compatible storage."""
