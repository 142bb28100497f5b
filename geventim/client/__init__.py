"""What a client knows and decides, without doing any input or output itself.

Bytes and lines go in, bytes, events and changes to keep come out; the clock and the random source
are passed in. It must not know how bytes travel, where values are kept, or how events are shown.

=================  ==================================================================
``agent``          one user's side of a conversation with a server: all of the below
``profile``        who that user is, and the keys that show it
``entrance``       from a fresh connection to being in the room
``exchange``       requests on their way, and whose reply came
``conversations``  what the account is a member of, and how far it has read
``entries``        what an entry of a log means to its reader
``presence``       what happened to other people
``content``        the content frame: what a payload says
``outbox``         lines that take effect one after the other, exactly once
``effects``        what an operation may ask for
``commands``       which words are commands, and what help says about them
``spelling``       which word was probably meant
``talk``           operations that send messages
``groups``         operations on groups
``secret``         sealing with a key that two people share
``strongbox``      secrets that wait for their key
``memory``         what outlives the process
``context``        what operations work with
``events``         what a client tells its user
=================  ==================================================================
"""
