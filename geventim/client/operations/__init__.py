"""What a user can want: an operation for every wish, and the conversations that they are about."""
