"""One conversation: its stage, our seat in its group, what we write there, and what we owe.

It must not know of any other conversation, nor when anything is to be done.
"""
