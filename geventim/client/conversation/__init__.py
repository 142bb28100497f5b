"""One conversation: its stages, the entries of its log, and what is done in it unasked.

It must not know of any other conversation, nor of anything that was typed.
"""
