"""Following one conversation: what the entries of its log mean, and what is done there unasked.

It must not know of any other conversation, nor of anything that was typed.
"""
