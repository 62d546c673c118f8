"""Whether the files of a version are those that were registered, checked before anything of theirs is loaded."""
