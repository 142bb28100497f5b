"""Who people are: credentials, names, keys, and how far they are trusted.

It must not know in which conversations one meets them.
"""
