"""What is kept: the server's accounts and logs, the client's state and the keys it has pinned.

It knows nothing of connections, greenlets or what a payload says. Its methods block until the disk
has answered, may be called from any real thread, and raise :class:`geventim.errors.StoreError` when
the disk or the database fails.

===============  =================================================================
``memory``       :class:`geventim.chat.log.Store` for tests and short lives
``memory_log``   one conversation of it
``sqlite``       the same on disk
``schema``       its tables
``plan``         which versions of them there are, and the steps between these
``tenure``       by what one knows a copy that was taken while a server wrote
``inspection``   reading all of it, to see that it is whole
``rows``         what it reads
``changes``      what it writes
``log_changes``  into logs
``ends``         one message by one statement
``runs``         and many messages at once
``expiry``       and takes out of them
``rules``        what both decide alike
``heads``        on which commits one may build, and what is taken back by that
``vault``        the client's sealed values
``vault_key``    their key, bare or sealed with a passphrase
``pins``         the server keys that a client remembers
``files``        files that only their owner can read
``lock``         a lock between real threads
===============  =================================================================
"""
