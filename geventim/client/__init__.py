"""What a client knows and decides, without doing any input or output itself.

Bytes and lines go in, bytes, events and changes to keep come out; the clock and the random source
are passed in. It must not know how bytes travel, where values are kept, or how events are shown.

Whoever is further up may import who is further down, and no two modules import each other:

================  ==================================================================
``succession``    the agent that takes the place of one that has failed
``agent``         one user's side of a conversation with a server: all of the below
``operations``    what a user can want, and the conversations that it is about
``conversation``  one conversation, and what is done in it unasked
``user``          who it is all done for, what is kept for them, and the ways out
``labels``        what conversations are called here
``history``       what was written, to be read again
``failures``      what this program has failed with, so that it ends
``digest``        one line for many
``events``        what a client tells its user
``causes``        why something could not be read, and what happens next
``phases``        where an agent stands
``sealing``       what is sealed, signed and counted
``people``        who people are, and how far they are trusted
``kept``          what outlives the process
``steps``         what operations ask for, and what carries them out
================  ==================================================================
"""
