"""What opens over the screen and takes the keys meanwhile; knows nothing of how it is drawn."""
