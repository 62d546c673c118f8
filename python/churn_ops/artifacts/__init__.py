"""Where the files of runs and versions are, on this disk or in S3-compatible storage."""
