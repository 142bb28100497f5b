"""Where bytes meet greenlets: sockets, connections, and work that would block.

It knows the channel and the frames it carries, and nothing of who talks about what.

==================  =============================================================
``inlet``           what arrives at one socket
``outbox``          what waits to be written to one socket
``connection``      a socket and its channel
``dial``            from an address to a connection, for clients
``handshakes``      the connections that have not logged in
``courier``         what is large, when nothing else waits for a client
``gate``            what takes long: few at a time, others in line
``audience``        a group of client greenlets
``journals``        stores that block nobody, on one's own or shared with other nodes
``complaints``      how often the log tells of the same: once a minute
``timers``          the clock
``key_files``       keys kept in files
``trace``           records as they are on the wire, for people who want to see
==================  =============================================================
"""
