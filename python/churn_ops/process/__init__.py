"""The life of this process: who owns it, how many cores it has, what it leaves when it is killed."""
