"""What a client keeps: sealed values, their key, and the server keys that it has pinned."""
