"""What a client knows and decides, without doing any input or output itself.

Bytes and lines go in, bytes, events and changes to keep come out; the clock and the random source
are passed in. It must not know how bytes travel, where values are kept, or how events are shown.

Whoever is further up may import who is further down, and no two modules import each other:

================  ===========================================================
"""
