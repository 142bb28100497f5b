"""A conversation as the screen keeps it: its items, the place where one looks, what is typed."""
