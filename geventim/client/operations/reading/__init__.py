"""Operations on the history: pages of it, what is found there, and the last of it in the beginning.

Nothing here changes what was written.
"""
