"""Where bytes meet greenlets: sockets, connections, and work that would block.

It knows the channel and the frames it carries, and nothing of who talks about what.

==================  =============================================================
``inlet``           what arrives at one socket
``outbox``          what waits to be written to one socket
``connection``      a socket and its channel
``dial``            from an address to a connection, for clients
``handshakes``      the connections that have not logged in
``gate``            what takes long: few at a time, others in line
``audience``        a group of client greenlets
``journal``         a store that blocks nobody, appends gathered
``crew``            the threads behind a journal
``watched_crew``    what the log tells of their failures
``durations``       how long something took, counted by size
``patience``        asking a store again that cannot be reached
``complaints``      how often the log tells of the same: once a minute
``shared_journal``  a journal on a store that other nodes write to
``consumer``        reading what they write
``neighbours``      telling them who is here
``timers``          the clock
``key_files``       keys kept in files
``trace``           records as they are on the wire, for people who want to see
==================  =============================================================
"""
