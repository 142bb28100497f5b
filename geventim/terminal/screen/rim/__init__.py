"""The terminal itself: keys out of bytes, rows into bytes, modes, signals, other programs."""
