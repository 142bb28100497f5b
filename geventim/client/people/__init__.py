"""Who people are: credentials, names, keys, and how far they are trusted."""
