"""Operations that say something: a message, a secret, or something about a message.

They must not know what is typed, nor how anything is shown.
"""
