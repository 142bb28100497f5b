"""What a message is now: what was written, and what was said about it since.

It must not know where that is kept, nor who looks.
"""
