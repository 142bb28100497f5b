"""Operations as steps: what they ask for, and what carries them out.

It must not know what is kept, nor who anybody is.
"""
