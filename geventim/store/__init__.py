"""What is kept: the server's accounts and logs, the client's state and the keys it has pinned.

It knows nothing of connections, greenlets or what a payload says. Its methods block until the disk
has answered, may be called from any real thread, and raise :class:`geventim.errors.StoreError` when
the disk or the database fails.

==========  ===================================================================
``memory``  :class:`geventim.log.store.Store` for tests and short lives
``sqlite``  the same on disk, for one server process
``redis``   the same for several of them
``blobs``   the chunks of files, in a directory
``vault``   the client's sealed values, and the keys that it has pinned
``plan``    which versions of a file there are, and the steps between these
``files``   files that only their owner can read
``lock``    a lock between real threads
==========  ===================================================================
"""
