"""Files on the disk of this machine, as transfers need them, and what their pictures show.

It must not know what a transfer is. Decoders of pictures run in a program of their own.
"""
