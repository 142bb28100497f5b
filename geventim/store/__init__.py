"""What is kept: the server's accounts and logs, the client's state and the keys it has pinned.

It knows nothing of connections, greenlets or what a payload says. Its methods block until the disk
has answered, may be called from any real thread, and raise :class:`geventim.errors.StoreError` when
the disk or the database fails.

==========  ==================================================================
``memory``  :class:`geventim.chat.log.Store` for tests and short lives
``sqlite``  the same on disk
``schema``  its tables, ``rows`` what it reads, ``changes`` what it writes, ``runs`` many at once
``rules``   what both decide alike
``vault``   the client's sealed values
``pins``    the server keys that a client remembers
``files``   files that only their owner can read
``lock``    a lock between real threads
==========  ==================================================================
"""
