"""The store that forgets: for tests, and for servers that keep nothing."""
