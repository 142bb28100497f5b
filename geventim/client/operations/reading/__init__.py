"""Operations on the history: pages of it, what is found there, and how far the user has read.

Nothing here changes what was written.
"""
